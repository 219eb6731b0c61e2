import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { acceptedEncodings, type Encoding } from './accept-encoding.ts'

export interface StaticFiles {
  /** The answer to a GET or HEAD for this file; `undefined` when there is none at this path. */
  serve(request: Request, path: string): Response | undefined
}

interface StaticFile {
  path: string
  type: string
  cacheControl: string
  /** Files with the same content, compressed beforehand. */
  twins: ReadonlyMap<Encoding, string>
}

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  webp: 'image/webp',
  woff2: 'font/woff2',
  json: 'application/json',
  map: 'application/json',
  webmanifest: 'application/manifest+json',
  txt: 'text/plain; charset=utf-8',
}
const twinEndings: Record<Encoding, string> = { br: '.br', gzip: '.gz' }

/**
 * The files below `folder` as they are now. Only what is in this list is ever read, so no path leads out of the
 * folder; links are left out. Throws if the folder cannot be read.
 */
export function listStaticFiles(folder: string): StaticFiles {
  const files = readFiles(folder)
  return {
    serve(request, path) {
      const file = files.get(path)
      return file && serveFile(request, file)
    },
  }
}

function readFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const known = new Set(paths)
  const isTwin = (path: string) => Object.values(twinEndings).some((ending) => path.endsWith(ending))
  const urlPath = (path: string) => `/${relative(folder, path).replaceAll('\\', '/')}`
  const served = paths.filter((path) => !isTwin(path) && !urlPath(path).includes('/.'))
  return new Map(served.map((path) => [urlPath(path), describeFile(path, urlPath(path), known)]))
}

function describeFile(path: string, urlPath: string, known: ReadonlySet<string>): StaticFile {
  const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  const twins = (Object.keys(twinEndings) as Encoding[]) // the table's keys are the encodings
    .map((encoding) => [encoding, path + twinEndings[encoding]] as const)
    .filter(([, twin]) => known.has(twin))
  return {
    path,
    type: types[ending] ?? 'application/octet-stream',
    cacheControl: urlPath.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    twins: new Map(twins),
  }
}

function serveFile(request: Request, file: StaticFile): Response | undefined {
  const encoding = acceptedEncodings(request).find((accepted) => file.twins.has(accepted))
  const path = (encoding && file.twins.get(encoding)) ?? file.path
  const stat = statSync(path, { throwIfNoEntry: false }) // a new build may have taken it away
  if (!stat) return undefined
  const etag = `"${Math.floor(stat.mtimeMs).toString(36)}-${stat.size.toString(36)}${encoding ? `-${encoding}` : ''}"`
  const headers = {
    'content-type': file.type,
    'cache-control': file.cacheControl,
    etag,
    ...(file.twins.size > 0 && { vary: 'accept-encoding' }),
    ...(encoding && { 'content-encoding': encoding }),
  }
  if (matchesEtag(request, etag)) return new Response(null, { status: 304, headers })
  return new Response(Bun.file(path), { headers })
}

/** Whether the browser holds this very version (`If-None-Match`; a weak tag will do for a GET). */
export function matchesEtag(request: Request, etag: string): boolean {
  const held = request.headers.get('if-none-match') ?? ''
  return held.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*')
}
