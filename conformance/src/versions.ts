import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Microsoft's packages and what they need, by the names under which they are installed here. */
const packages = [
  '@azure/web-pubsub',
  '@azure/web-pubsub-1.1',
  '@azure/web-pubsub-client',
  '@azure/web-pubsub-client-1.0.4',
  '@azure/web-pubsub-client-1.0.2',
  '@azure/web-pubsub-express',
  'express',
  'ws',
]

export const runtime = process.versions['bun'] ? `Bun ${process.versions['bun']}` : `Node ${process.versions.node}`

/** `name version` of each, as installed. */
export function packageVersions(): string[] {
  return packages.map((name) => {
    const { name: published, version } = manifestOf(name)
    return `${published} ${version}`
  })
}

/** Looks for the manifest above the entry of the package: not every package lets its manifest be imported. */
function manifestOf(name: string): { name: string; version: string } {
  let folder = dirname(createRequire(import.meta.url).resolve(name))
  for (;;) {
    const manifest = readManifest(folder)
    if (manifest?.version) return { name: manifest.name ?? name, version: manifest.version }
    if (dirname(folder) === folder) throw new Error(`${name} has no manifest`)
    folder = dirname(folder)
  }
}

function readManifest(folder: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string }
  } catch {
    return undefined // no manifest here; the folder above may have it
  }
}
