import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebPubSubServiceClient } from '@azure/web-pubsub'
import { WebPubSubClient } from '@azure/web-pubsub-client'
import { connect } from '../testing/client.ts'
import { until } from '../testing/service.ts'
import { developmentKey } from '../start/keys.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const launcher = fileURLToPath(new URL('../../bin/chatr-pubsub.js', import.meta.url))
const json = 'json.webpubsub.azure.v1'
const insecure = { allowInsecureConnection: true }

let folder: string
let running: Bun.Subprocess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatr-pubsub-'))
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(running.map((child) => child.exited))
  running = []
  rmSync(folder, { recursive: true })
})

/** A process of its own, and all that it has said so far. */
function spawn(args: string[], { env = {}, command = [process.execPath, main] }: SpawnOptions = {}) {
  const child = Bun.spawn([...command, ...args], { cwd: folder, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const said = { out: '', err: '' }
  const listen = async (stream: ReadableStream<Uint8Array>, name: 'out' | 'err') => {
    const decoder = new TextDecoder()
    for await (const chunk of stream) said[name] += decoder.decode(chunk, { stream: true })
  }
  const heard = Promise.all([listen(child.stdout, 'out'), listen(child.stderr, 'err')])
  const ended = child.exited.then(async (code) => {
    await heard
    return { code, ...said }
  })
  running.push(child)
  return { child, said, ended }
}
interface SpawnOptions {
  env?: Record<string, string>
  command?: string[]
}
type Command = ReturnType<typeof spawn>

const entriesOf = ({ said }: Command): Record<string, unknown>[] =>
  said.out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
const entryOf = (command: Command, event: string) => entriesOf(command).findLast((entry) => entry['event'] === event)

/** With JSON logs, on a free port. */
async function start(args: string[] = [], options: SpawnOptions = {}) {
  const command = spawn(['--port', '0', '--log', 'json', ...args], options)
  await until(() => command.said.out.includes('\n') || command.child.exitCode !== null)
  const started = entryOf(command, 'started')
  if (!started) throw new Error(command.said.err)
  return { ...command, url: String(started['url']), started }
}

const backendFor = (url: string, key = developmentKey) =>
  new WebPubSubServiceClient(`Endpoint=${url};AccessKey=${key};Version=1.0;`, 'chat', insecure)

const write = (settings: unknown) =>
  writeFileSync(join(folder, 'c.json'), typeof settings === 'string' ? settings : JSON.stringify(settings))

describe('chatr-pubsub', () => {
  it('greets a person with what to paste and what to open', async () => {
    const command = spawn(['--port', '0'])
    await until(() => command.said.out.includes('Ctrl+C'))
    const [url = ''] = /http:\S+/.exec(command.said.out) ?? []
    expect(command.said.out).toContain(`Endpoint=${url};AccessKey=${developmentKey};Version=1.0;`)
    expect(command.said.out).toContain(`${url.replace('http', 'ws')}/client/hubs/<hub>?access_token=<token>`)
    expect(command.said.out).toContain(`Look inside        ${url}/\n`)
    expect(await backendFor(url).userExists('nobody')).toBe(false)
  })

  it('serves the official clients, and takes up new keys and hubs from its file', async () => {
    write({ keys: ['first key'] })
    const command = await start(['--config', 'c.json'])
    const backend = backendFor(command.url, 'first key')
    const client = new WebPubSubClient((await backend.getClientAccessToken({ groups: ['lobby'] })).url)
    const heard: unknown[] = []
    client.on('group-message', ({ message }) => heard.push(message.data))
    await client.start()
    await backend.group('lobby').sendToAll({ number: 1 })

    write({ keys: ['second key', 'first key'], hubs: { chat: { anonymousConnect: 'allow' } } })
    await until(() => entryOf(command, 'settingsApplied') !== undefined)
    const renewed = backendFor(command.url, 'second key')
    await renewed.group('lobby').sendToAll({ number: 2 })
    await backend.group('lobby').sendToAll({ number: 3 })
    await until(() => heard.length === 3)
    expect(heard).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }])
    const stranger = await connect(`${command.url.replace('http', 'ws')}/client/hubs/chat`, [json])
    expect(await stranger.nextFrame()).toMatchObject({ event: 'connected' })
    client.stop()
  })

  it('keeps its settings while the file is broken, and says so', async () => {
    write({ keys: ['first key'] })
    const command = await start(['--config', 'c.json'])
    write('{"keys": [')
    command.child.kill('SIGHUP')
    await until(() => entryOf(command, 'settingsRefused') !== undefined)
    expect(entryOf(command, 'settingsRefused')?.['problems']).toEqual([expect.stringMatching(/^c\.json is not JSON: /)])
    expect(await backendFor(command.url, 'first key').userExists('nobody')).toBe(false)
    write({ inspector: 'off', keys: ['second key'] })
    command.child.kill('SIGHUP')
    await until(() => entryOf(command, 'settingsWantRestart') !== undefined)
    expect(entryOf(command, 'settingsWantRestart')?.['settings']).toEqual(['inspector'])
    expect(await backendFor(command.url, 'second key').userExists('nobody')).toBe(false)
  })

  it('drains on SIGTERM: clients are told to come back, and it ends with 0', async () => {
    const command = await start(['--drain-seconds', '1', '--allow-anonymous', 'chat'])
    const ask = () => connect(`${command.url.replace('http', 'ws')}/client/hubs/chat`, [json])
    const clients = await Promise.all(Array.from({ length: 50 }, ask))
    command.child.kill('SIGTERM')
    for (const { closed } of clients) {
      expect(await closed).toEqual({ code: 1001, reason: 'Service reloading, please reconnect' })
    }
    expect(await command.ended).toMatchObject({ code: 0, err: '' })
    expect(entriesOf(command).map(({ event }) => event)).toEqual(['started', 'stopping', 'stopped'])
  })

  it('ends with 0 and a warning when a handler does not answer, once its limit is over', async () => {
    const silence = new Promise<never>(() => {})
    await using slow = webhook((event) => (event === 'disconnected' ? silence : new Response()))
    write({ limits: { farewellMs: 50 }, drainSeconds: 0 })
    const handler = ['--handler', `chat=${slow.url}`, '--allow-anonymous', 'chat']
    const command = await start(['--config', 'c.json', ...handler])
    await connect(`${command.url.replace('http', 'ws')}/client/hubs/chat`, [json])
    command.child.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0, err: '' })
    expect(entriesOf(command).filter(({ level }) => level !== 'info')).not.toEqual([])
    expect(entryOf(command, 'stoppedBeforeHandlersAnswered')?.['level']).toBe('warn')
  })

  it('ends with 0 when a handler is down, without another attempt', async () => {
    const gone = webhook(() => new Response())
    await gone[Symbol.asyncDispose]()
    const handlers = [{ urlTemplate: gone.url, systemEvents: ['disconnected'] }]
    write({ hubs: { chat: { anonymousConnect: 'allow', eventHandlers: handlers } }, drainSeconds: 0 })
    const command = await start(['--config', 'c.json'])
    await connect(`${command.url.replace('http', 'ws')}/client/hubs/chat`, [json])
    command.child.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 0, err: '' })
    const [first, second, ...others] = entriesOf(command).slice(2)
    expect([first?.['event'], second?.['event']]).toEqual(['webhookNotValid', 'handlerFailed'])
    expect(others.map(({ event }) => event)).toEqual(['stopped'])
    // a name and a reason: a stack would tell nothing about the handler
    expect(second?.['error']).toMatch(/^Unreachable: [^\n]+$/)
  })

  it('shows no key of its own in its log, however short, and keeps the rest readable', async () => {
    const { started, url } = await start([], { env: { CHATR_PUBSUB_KEY: 'e' } })
    expect(started['connectionString']).toBe(`Endpoint=${url};AccessKey=<your key>;Version=1.0;`)
  })

  it('ends at once with a second signal', async () => {
    // a stop waits until the backend knows of every end
    const silence = new Promise<never>(() => {})
    await using slow = webhook((event) => (event === 'disconnected' ? silence : new Response()))
    const command = await start(['--handler', `chat=${slow.url}`, '--allow-anonymous', 'chat'])
    await connect(`${command.url.replace('http', 'ws')}/client/hubs/chat`, [json])
    command.child.kill('SIGTERM')
    await until(() => {
      command.child.kill('SIGINT')
      return command.child.exitCode !== null
    })
    expect((await command.ended).code).toBe(1)
  })

  it('lets no key, token or message into its log', async () => {
    await using refusing = webhook(() => new Response('a-secret-answer', { status: 403 }))
    const handler = {
      urlTemplate: `${refusing.url}?code=a-secret-code`,
      userEventPattern: '*',
      systemEvents: ['connected'],
    }
    write({ keys: ['a-secret-key'], hubs: { chat: { eventHandlers: [handler] } } })
    const command = await start(['--config', 'c.json'])
    const backend = backendFor(command.url, 'a-secret-key')
    const { url, token } = await backend.getClientAccessToken({ userId: 'ann', roles: ['webpubsub.sendToGroup'] })
    const client = await connect(url, ['json.reliable.webpubsub.azure.v1'])
    const { reconnectionToken } = await client.nextFrame()
    client.send({ type: 'sendToGroup', group: 'g', dataType: 'text', data: 'a-secret-message' })
    client.send({ type: 'event', event: 'e', ackId: 1, dataType: 'text', data: 'a-secret-message' })
    await backend.sendToAll('a-secret-message', { contentType: 'text/plain' })
    await fetch(`${command.url}/api/hubs/chat/:send?access_token=${token}`, {
      method: 'POST',
      body: 'a-secret-message',
    })
    await fetch(url.replace('ws', 'http'))
    await until(() => entryOf(command, 'handlerFailed') !== undefined)
    client.send('a-secret-message that is no JSON')
    await client.closed
    write('{"keys": [a-secret-key')
    await until(() => entryOf(command, 'settingsRefused') !== undefined)
    command.child.kill('SIGTERM')
    const { out, err } = await command.ended
    for (const { time, level, event } of entriesOf(command)) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      expect(level).toMatch(/^(?:info|warn|error)$/)
      expect(event).toMatch(/^[a-zA-Z]+$/)
    }
    const secrets = ['a-secret', token, token.split('.')[2] ?? token, String(reconnectionToken)]
    for (const secret of secrets) expect(out + err).not.toContain(secret)
  })

  it('serves https with a certificate of its own', async () => {
    const make = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-addext', 'subjectAltName=IP:127.0.0.1']
    expect(await Bun.spawn([...make, ...files], { cwd: folder, stderr: 'ignore' }).exited).toBe(0)
    const { url } = await start(['--tls-cert', 'cert.pem', '--tls-key', 'key.pem'])
    expect(url).toStartWith('https://127.0.0.1:')
    const health = await fetch(`${url}/api/health`, { tls: { ca: Bun.file(join(folder, 'cert.pem')) } })
    expect(health.status).toBe(200)
  })
})

/** A backend that may be called. */
function webhook(answer: (event: string) => Response | Promise<Response>) {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: ({ method, headers }) =>
      method === 'OPTIONS'
        ? new Response(null, { headers: { 'WebHook-Allowed-Origin': '*' } })
        : answer(headers.get('ce-eventname') ?? ''),
  })
  return { url: server.url.href, [Symbol.asyncDispose]: () => server.stop(true) }
}

describe('chatr-pubsub that cannot start', () => {
  it('says each problem of its input in a line, and ends with 2', async () => {
    write({ prot: 1 })
    const { ended } = spawn(['--config', 'c.json'], { env: { CHATR_PUBSUB_KYE: 'x' } })
    expect(await ended).toEqual({
      code: 2,
      out: '',
      err:
        'chatr-pubsub: c.json: prot is unknown; did you mean port?\n' +
        'chatr-pubsub: CHATR_PUBSUB_KYE is unknown; did you mean CHATR_PUBSUB_KEY?\n',
    })
  })

  it('says that the port is taken, and ends with 1', async () => {
    const { url } = await start()
    const { port } = new URL(url)
    expect(await spawn(['--port', port]).ended).toEqual({
      code: 1,
      out: '',
      err: `chatr-pubsub: port ${port} on 127.0.0.1 is in use by another program; stop it or choose another port (0 takes any)\n`,
    })
  })
})

describe('the launcher', () => {
  const command = ['node', launcher]
  const env = { PATH: process.env['PATH'] ?? '' }

  it('shows the help and the version', async () => {
    const help = await spawn(['--help'], { command, env }).ended
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const word of ['--port <number>', 'Examples:', 'npx chatr-pubsub\n', '--lifeline-fd']) {
      expect(help.out.includes(word)).toBe(word !== '--lifeline-fd')
    }
    expect((await spawn(['--version'], { command, env }).ended).out).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })

  it('passes signals on, and the exit code back', async () => {
    const service = await start([], { command, env })
    service.child.kill('SIGINT')
    expect((await service.ended).code).toBe(0)
    expect((await spawn(['--prot', '1'], { command, env }).ended).code).toBe(2)
  })

  it('stops with npx, which does not pass signals on', async () => {
    const script = `node ${JSON.stringify(launcher)} "$@"; true`
    const npx = { command: ['sh', '-c', script, 'sh'], env: { ...env, npm_command: 'exec' } }
    const service = await start([], npx)
    service.child.kill('SIGTERM')
    await until(() => entryOf(service, 'stopped') !== undefined)
    expect(entryOf(service, 'stopping')?.['signal']).toBe('SIGTERM')
  })

  it('takes the service with it, however it ends', async () => {
    const service = await start([], { command, env })
    service.child.kill('SIGKILL')
    const isGone = () =>
      fetch(service.url).then(
        () => false,
        () => true,
      )
    await until(isGone)
    expect(await isGone()).toBe(true)
  })
})
