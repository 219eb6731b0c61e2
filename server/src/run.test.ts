import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeClientFolder, makeTempFolder } from './testing.ts'

let folder: string
let data: string
let clientFolder: string
let running: Bun.Subprocess[] = []

beforeEach(() => {
  folder = makeTempFolder()
  data = join(folder, 'data')
  clientFolder = makeClientFolder(folder)
})
afterEach(async () => {
  for (const chatr of running) chatr.kill('SIGKILL')
  await Promise.all(running.map((chatr) => chatr.exited))
  running = []
  rmSync(folder, { recursive: true })
})

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** A process of its own. `env` is all its environment, besides the data folder and any free port. */
function spawn(env: Record<string, string> = {}, command?: string[]) {
  const start = `import { run } from ${JSON.stringify(source('run.ts'))}
    await run(process.env, { clientFolder: ${JSON.stringify(clientFolder)} })`
  const chatr = Bun.spawn([process.execPath, ...(command ?? ['-e', start])], {
    cwd: folder,
    env: { PORT: '0', CHATR_DATA: data, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  running.push(chatr)
  return chatr
}
type Process = ReturnType<typeof spawn>

/** Reads the greeting of a process that starts, and the address in it. */
async function started(chatr: Process): Promise<{ url: string; greeting: string }> {
  let greeting = ''
  for await (const chunk of chatr.stdout) {
    greeting += new TextDecoder().decode(chunk)
    if (greeting.includes('Ctrl+C')) break
  }
  return { url: /http:\S+/.exec(greeting)?.[0] ?? '', greeting }
}

/** What a process that cannot start leaves behind. */
async function failed(chatr: Process) {
  const [code, lines] = await Promise.all([chatr.exited, new Response(chatr.stderr).text()])
  return { code, lines: lines.trimEnd().split('\n') }
}

describe('a Chatr that starts', () => {
  it('tells its address, where the data lies and how to sign in', async () => {
    const { url, greeting } = await started(spawn())
    expect(url).toMatch(/^http:\/\/localhost:\d+$/)
    expect(greeting).toContain(data)
    expect(greeting).toContain('as a guest')
    expect(greeting).toContain('GitHub, Microsoft, X')
    expect((await fetch(`${url}/login`)).status).toBe(200)
  })

  it('keeps all its files for its owner alone', async () => {
    await started(spawn())
    expect(statSync(data).mode & 0o777).toBe(0o700)
    const files = readdirSync(data)
    expect(files).toContain('secrets.json')
    expect(files).toContain('chatr.sqlite')
    for (const file of files) expect([file, statSync(join(data, file)).mode & 0o777]).toEqual([file, 0o600])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops with %s, with code 0, and starts again on the same data',
    async (signal) => {
      const first = spawn()
      const { url } = await started(first)
      const signIn = await fetch(`${url}/.auth/login/guest`, {
        method: 'POST',
        body: new URLSearchParams({ name: 'Ada' }),
        redirect: 'manual',
      })
      first.kill(signal)
      expect(await first.exited).toBe(0)
      const again = await started(spawn())
      const headers = { cookie: signIn.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
      expect(await (await fetch(`${again.url}/.auth/me`, { headers })).text()).toContain('"userDetails":"Ada"')
    },
  )

  it('stops within five seconds, whoever holds a connection open', async () => {
    const chatr = spawn()
    const { url } = await started(chatr)
    const socket = await openIdleSocket(Number(new URL(url).port))
    const before = performance.now()
    chatr.kill('SIGTERM')
    expect(await chatr.exited).toBe(0)
    expect(performance.now() - before).toBeLessThan(5_000)
    await socket.closed
  })

  it('gives its folder back when it is killed', async () => {
    const first = spawn()
    await started(first)
    first.kill('SIGKILL')
    await first.exited
    expect((await started(spawn())).url).not.toBe('')
  })
})

describe('a Chatr that cannot start', () => {
  it('says every problem of its configuration, a line each', async () => {
    const { code, lines } = await failed(
      spawn({ PORT: '80a', CHATR_LOG: 'loud', CHATR_DTAA: 'x' }, [source('main.ts')]),
    )
    expect(code).toBe(1)
    expect(lines).toEqual([
      'PORT is "80a"; it wants a whole number from 0 to 65535',
      'CHATR_LOG is "loud"; it wants text, json or quiet',
      'CHATR_DTAA is not a variable of Chatr; did you mean CHATR_DATA?',
    ])
  })

  it('says that the folder is another one’s', async () => {
    await started(spawn())
    await expectOneLine(spawn(), /another Chatr is running on the folder .*data/)
  })

  it('says that the port is taken', async () => {
    const { url } = await started(spawn())
    const PORT = new URL(url).port
    await expectOneLine(
      spawn({ PORT, CHATR_DATA: join(folder, 'other') }),
      new RegExp(`PORT: ${PORT} on 127.0.0.1 is in use`),
    )
  })

  it('says that there is no such address here', async () => {
    await expectOneLine(spawn({ HOST: '192.0.2.1' }), /HOST: this machine has no address 192\.0\.2\.1/)
  })

  it('says that the folder cannot be used', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expectOneLine(
      spawn({ CHATR_DATA: join(folder, 'file/data') }),
      /CHATR_DATA: the folder .*file\/data cannot be used/,
    )
  })

  it('says that the database is damaged', async () => {
    mkdirSync(data)
    writeFileSync(join(data, 'chatr.sqlite'), 'no database at all '.repeat(100))
    await expectOneLine(spawn(), /chatr\.sqlite is not a SQLite database, or is damaged/)
  })

  it('says that the database is a newer one', async () => {
    const first = spawn()
    await started(first)
    first.kill('SIGTERM')
    await first.exited
    const database = new Database(join(data, 'chatr.sqlite'))
    database.run('PRAGMA user_version = 9999')
    database.close()
    await expectOneLine(spawn(), /schema version 9999.*newer Chatr/)
  })

  it('says that the sessions are damaged', async () => {
    mkdirSync(data)
    writeFileSync(join(data, 'sessions.sqlite'), 'no database at all '.repeat(100))
    await expectOneLine(spawn(), /sessions\.sqlite cannot be used/)
  })

  it('says that the client is not built', async () => {
    rmSync(clientFolder, { recursive: true })
    await expectOneLine(spawn(), /The client is not built/)
  })
})

async function expectOneLine(chatr: Process, pattern: RegExp): Promise<void> {
  const { code, lines } = await failed(chatr)
  expect(lines).toEqual([expect.stringMatching(pattern)])
  expect(code).toBe(1)
}

/** A TCP connection that began to ask and never ends. */
async function openIdleSocket(port: number) {
  const closed = Promise.withResolvers<void>()
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: { data: () => undefined, close: () => closed.resolve() },
  })
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  return { closed: closed.promise }
}
