import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { readConfig } from './config.ts'
import type { Log, LogFields } from './log.ts'
import { startChatr } from './start.ts'

export const assetText = `export const greeting = '${'hello '.repeat(50)}'\n`

const clientFiles: Record<string, string> = {
  'index.html': '<!doctype html><title>the app</title>',
  'login.html': `<!doctype html><title>the sign-in page</title>
    <form data-provider="guest">guest</form>
    <a data-provider="github">github</a><a data-provider="aad">aad</a><a data-provider="twitter">twitter</a>
    <a data-provider="google">google</a><p data-emulated>emulated</p>`,
  'emulated.html': '<!doctype html><h1>Development sign-in</h1><form method="post"><input name="name"></form>',
  'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'manifest.webmanifest': '{}',
  'assets/app-1234.js': assetText,
  '.vite/manifest.json': '{}',
}

export function makeTempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'chatr-server-'))
}

/** A built client in small, with compressed twins beside its asset. */
export function makeClientFolder(parent: string): string {
  const folder = join(parent, 'dist')
  for (const name of ['assets', '.vite']) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, text] of Object.entries(clientFiles)) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'assets/app-1234.js.br'), brotliCompressSync(assetText))
  writeFileSync(join(folder, 'assets/app-1234.js.gz'), gzipSync(assetText))
  writeFileSync(join(parent, 'outside.txt'), 'nobody may read this')
  return folder
}

export interface TestChatr extends AsyncDisposable {
  url: string
  folder: string
  clientFolder: string
  logged: string[]
  clock: { now: number }
  /** A request that follows no redirect. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Posts a form as a browser on our own page does; `cookie` is what `cookieOf` answers. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  stop(): Promise<void>
}

/** A whole Chatr on a free port, in a folder of its own that goes with it. */
export async function startTestChatr(env: Record<string, string> = {}, within?: string): Promise<TestChatr> {
  const folder = within ?? makeTempFolder()
  const clientFolder = makeClientFolder(folder)
  const logged: string[] = []
  const clock = { now: Date.parse('2026-11-22T08:30:00.000Z') }
  const config = readConfig({ PORT: '0', CHATR_DATA: join(folder, 'data'), ...env })
  const chatr = await startChatr(config, { clientFolder, log: collect(logged), now: () => clock.now })
  const request = (path: string, init: RequestInit = {}) => fetch(chatr.url + path, { redirect: 'manual', ...init })
  return {
    url: chatr.url,
    folder,
    clientFolder,
    logged,
    clock,
    fetch: request,
    post: (path, fields, headers = {}) =>
      request(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: chatr.url, ...headers } }),
    stop: chatr.stop,
    async [Symbol.asyncDispose]() {
      await chatr.stop()
      if (within === undefined) rmSync(folder, { recursive: true })
    },
  }
}

function collect(lines: string[]): Log {
  const add = (event: string, fields: LogFields = {}) => void lines.push(`${event} ${JSON.stringify(fields)}`)
  return { info: add, warn: add, error: add }
}

/** The `Cookie` header that a browser would send after this answer. */
export function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** Signs a guest in and answers his cookie. */
export async function guestCookie(chatr: TestChatr, name = 'Ada', cookie = ''): Promise<string> {
  return cookieOf(await chatr.post('/.auth/login/guest', { name }, { cookie }))
}

export async function principalOf(chatr: TestChatr, cookie: string) {
  const me = await chatr.fetch('/.auth/me', { headers: { cookie } })
  return ((await me.json()) as { clientPrincipal: { userId: string; userDetails: string } | null }).clientPrincipal
}
