import { fileURLToPath } from 'node:url'
import { securityHeaders } from './access.ts'

const folder = new URL('page/', import.meta.url)

interface Asset {
  type: string
  body: Uint8Array<ArrayBuffer>
  gzipped: Uint8Array<ArrayBuffer>
  etag: string
}

/** Answers for the page's own files; `undefined` for other paths. */
export type ServeAsset = (request: Request) => Promise<Response> | undefined

/**
 * The page, bundled from its sources by the first request and kept in memory: there is no build step to forget. When
 * bundling fails each request rejects, and the next one tries again.
 */
export function createAssets(): ServeAsset {
  let bundle: Promise<Map<string, Asset>> | undefined
  return (request) => {
    const { pathname } = new URL(request.url)
    if (!paths.has(pathname)) return undefined
    bundle ??= bundlePage().catch((error: unknown) => {
      bundle = undefined
      throw error
    })
    return bundle.then((assets) => answer(request, assets.get(pathname)))
  }
}

const paths = new Set(['/', '/inspector/page.js', '/inspector/page.css', '/inspector/icon.svg'])

async function bundlePage(): Promise<Map<string, Asset>> {
  const entry = fileURLToPath(new URL('main.ts', folder))
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: 'browser',
    minify: true,
    // else the template library would bring its checks for developers
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const output = async (extension: string) => outputs.find(({ path }) => path.endsWith(extension))?.text() ?? ''
  const file = (name: string) => Bun.file(new URL(name, folder)).text()
  return new Map([
    ['/', toAsset('text/html; charset=utf-8', await file('index.html'))],
    ['/inspector/page.js', toAsset('text/javascript; charset=utf-8', await output('.js'))],
    ['/inspector/page.css', toAsset('text/css; charset=utf-8', await output('.css'))],
    ['/inspector/icon.svg', toAsset('image/svg+xml', await file('icon.svg'))],
  ])
}

function toAsset(type: string, text: string): Asset {
  const body = new TextEncoder().encode(text)
  return { type, body, gzipped: Bun.gzipSync(body, { level: 9 }), etag: `"${Bun.hash(body).toString(36)}"` }
}

function answer(request: Request, asset: Asset | undefined): Response {
  if (!asset) return new Response('Not found', { status: 404, headers: securityHeaders })
  const { type, etag } = asset
  const headers = { ...securityHeaders, ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' }
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
  const isGzipped = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')
  const encoding = isGzipped ? { 'Content-Encoding': 'gzip' } : {}
  const body = isGzipped ? asset.gzipped : asset.body
  return new Response(request.method === 'HEAD' ? null : body, {
    headers: { ...headers, 'Content-Type': type, ...encoding },
  })
}
