import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Plugin } from 'vite'

const textFile = /\.(?:html|css|js|svg|json|webmanifest|txt|map)$/
const minBytes = 500

function writeTwins(path: string): void {
  const source = readFileSync(path)
  if (source.length <= minBytes) return
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: source.length }
  writeFileSync(`${path}.br`, brotliCompressSync(source, { params }))
  writeFileSync(`${path}.gz`, gzipSync(source, { level: 9 }))
}

/** Writes a `.br` and a `.gz` twin beside every built text file of more than 500 bytes, those of `public/` too. */
export function compress(): Plugin {
  let outDir = 'dist'
  return {
    name: 'chatr:compress',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      for (const name of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
        if (textFile.test(name)) writeTwins(join(outDir, name))
      }
    },
  }
}
