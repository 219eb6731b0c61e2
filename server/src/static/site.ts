import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { EmulatedProvider } from '../config.ts'
import { redirect } from '../sign-in/answers.ts'
import { plainPage } from '../sign-in/pages.ts'
import { redirectTarget } from '../sign-in/redirect-target.ts'
import { StartError } from '../start-error.ts'
import { acceptedEncodings } from './accept-encoding.ts'
import { tailorLoginPage } from './login-page.ts'
import { listStaticFiles, matchesEtag, type StaticFiles } from './static-files.ts'

export interface SiteOptions {
  /** The built client. */
  folder: string
  hasGuests: boolean
  emulatedFor: (request: Request) => readonly EmulatedProvider[]
  originOf: (request: Request) => string
  isSignedIn: (request: Request) => boolean
}

/** One build of the client, as it was read. */
interface Build {
  version: string
  files: StaticFiles
  loginPages: Map<string, LoginPage>
}
type LoginPage = Record<'br' | 'gzip' | 'plain', Uint8Array<ArrayBuffer>> & { etag: string }

export interface Site {
  fetch: (request: Request, url: URL) => Promise<Response>
  /** The form in the place of a provider's own sign-in. */
  emulatedForm: (request: Request) => Response
}

const pageFiles = ['index.html', 'login.html', 'emulated.html']

/** The pages and files of the client. Throws a `StartError` when it is not built. */
export function openSite(options: SiteOptions): Site {
  if (versionOf(options.folder) === undefined) {
    throw new StartError(
      `The client is not built: ${options.folder} has not all of ${pageFiles.join(', ')}; run "make run"`,
    )
  }
  let build = readBuild(options.folder)
  /** A page is asked for rarely, so each time we look whether somebody built the client anew under our feet. */
  const currentBuild = () => {
    const version = versionOf(options.folder)
    if (version !== undefined && version !== build.version) build = readBuild(options.folder)
    return build
  }
  const pages: Record<string, (request: Request, url: URL) => Response> = {
    '/login': (request, url) => {
      if (!options.isSignedIn(request)) return serveLogin(request, currentBuild(), options)
      const uri = url.searchParams.get('post_login_redirect_uri')
      return redirect(302, redirectTarget(uri, { origin: options.originOf(request), fallback: '/' }))
    },
    '/login.html': (_, url) => redirect(302, `/login${url.search}`),
    '/emulated.html': () => redirect(302, '/login'),
    '/index.html': (_, url) => redirect(302, `/${url.search}`),
  }
  const fetch = async (request: Request, url: URL) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed()
    const page = Object.hasOwn(pages, url.pathname) ? pages[url.pathname] : undefined
    if (page) return page(request, url)
    if (isPage(url.pathname)) return serveApp(request, url, { build: currentBuild(), options })
    return build.files.serve(request, decodePath(url.pathname)) ?? notFound()
  }
  return { fetch, emulatedForm: (request) => currentBuild().files.serve(request, '/emulated.html') ?? notFound() }
}

/** What is not a file is a place inside of the app; which one, only the client knows. */
const isPage = (path: string) => !path.startsWith('/assets/') && !path.slice(path.lastIndexOf('/')).includes('.')

function serveApp(request: Request, url: URL, { build, options }: { build: Build; options: SiteOptions }): Response {
  if (options.isSignedIn(request)) return build.files.serve(request, '/index.html') ?? notFound()
  const wish = url.pathname + url.search
  return redirect(302, wish === '/' ? '/login' : `/login?post_login_redirect_uri=${encodeURIComponent(wish)}`)
}

function serveLogin(request: Request, build: Build, options: SiteOptions): Response {
  const emulated = options.emulatedFor(request)
  const page = build.loginPages.get(emulated.join()) ?? makeLoginPage(options, emulated)
  build.loginPages.set(emulated.join(), page)
  const [encoding] = acceptedEncodings(request)
  const etag = `"${page.etag}${encoding ? `-${encoding}` : ''}"`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
    etag,
    ...(encoding && { 'content-encoding': encoding }),
  }
  if (matchesEtag(request, etag)) return new Response(null, { status: 304, headers })
  return new Response(page[encoding ?? 'plain'], { headers })
}

function makeLoginPage({ folder, hasGuests }: SiteOptions, emulated: readonly EmulatedProvider[]): LoginPage {
  const providers = [...(hasGuests ? ['guest'] : []), ...emulated]
  const html = tailorLoginPage(readFileSync(join(folder, 'login.html'), 'utf8'), {
    providers,
    isEmulated: emulated.length > 0,
  })
  const plain = new TextEncoder().encode(html)
  const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 16)
  return { plain, br: new Uint8Array(brotliCompressSync(plain)), gzip: new Uint8Array(gzipSync(plain)), etag }
}

const readBuild = (folder: string): Build => ({
  version: versionOf(folder) ?? '',
  files: listStaticFiles(folder),
  loginPages: new Map(),
})

/** Changes whenever the client is built; `undefined` while it is not all there. */
function versionOf(folder: string): string | undefined {
  const stats = pageFiles.map((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
  return stats.includes(undefined) ? undefined : stats.map((stat) => `${stat?.mtimeMs}/${stat?.size}`).join()
}

/** A path that is no proper UTF-8 is no file of ours. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}

const notFound = () => plainPage(404, 'Not here', 'There is nothing at this address.')
const notAllowed = () => new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
