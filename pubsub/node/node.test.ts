import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../src/testing/service.ts'

const library = fileURLToPath(new URL('index.cjs', import.meta.url))
const azure = import.meta.resolve('@azure/web-pubsub')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatr-pubsub-node-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const env = { PATH: process.env['PATH'] ?? '', CHATR_PUBSUB_KEY: 'a key of the shell, which is not meant' }

/** A real Node process that runs `script`, as an ES module or as CommonJS. */
function node(script: string, extension: 'mjs' | 'cjs' = 'mjs') {
  const file = join(folder, `script.${extension}`)
  const load =
    extension === 'mjs'
      ? `import { WebPubSub } from ${JSON.stringify(library)}\n`
      : `const { WebPubSub } = require(${JSON.stringify(library)});\n`
  writeFileSync(file, load + script)
  return Bun.spawn(['node', file], { env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
}

async function outcomeOf(child: ReturnType<typeof node>) {
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out: out.trim(), err }
}

/** Whether somebody listens there. */
const answers = (url: string) =>
  fetch(`${url}/api/health`).then(
    ({ ok }) => ok,
    () => false,
  )

const useIt = `
  const { WebPubSubServiceClient } = await import(${JSON.stringify(azure)})
  const service = await WebPubSub.start({ keys: ['a key'] })
  const backend = new WebPubSubServiceClient(service.connectionString, 'chat', { allowInsecureConnection: true })
  const exists = await backend.userExists('nobody')
  await service.close()
  const isGone = await fetch(service.url).then(() => false, () => true)
  console.log(JSON.stringify({ exists, isGone, keys: service.keys, sameEndpoint: service.endpoint === service.url }))
`
const used = JSON.stringify({ exists: false, isGone: true, keys: ['a key'], sameEndpoint: true })

describe('WebPubSub.start on Node', () => {
  it('starts a service for the official client and ends it, imported', async () => {
    expect(await outcomeOf(node(useIt))).toEqual({ code: 0, out: used, err: '' })
  })

  it('starts a service for the official client and ends it, required', async () => {
    const script = `(async () => {${useIt}})()`
    expect(await outcomeOf(node(script, 'cjs'))).toEqual({ code: 0, out: used, err: '' })
  })

  it('calls webhooks, and hands over the log', async () => {
    const { code, out } = await outcomeOf(
      node(`
        import { createServer } from 'node:http'
        import { WebPubSubClient } from ${JSON.stringify(import.meta.resolve('@azure/web-pubsub-client'))}
        const events = []
        const backend = createServer((request, response) => {
          if (request.method === 'POST') events.push(request.headers['ce-eventname'])
          response.writeHead(200, { 'WebHook-Allowed-Origin': '*' }).end()
        })
        await new Promise((resolve) => backend.listen(0, '127.0.0.1', resolve))
        const urlTemplate = 'http://127.0.0.1:' + backend.address().port + '/'
        const log = []
        const service = await WebPubSub.start({
          hubs: {
            chat: { anonymousConnect: 'allow', eventHandlers: [{ urlTemplate, userEventPattern: '*', systemEvents: ['connect'] }] },
          },
          log: ({ event }) => log.push(event),
        })
        const client = new WebPubSubClient(service.url.replace('http', 'ws') + '/client/hubs/chat')
        await client.start()
        await client.sendEvent('hello', 'world', 'text')
        client.stop()
        await service.close()
        backend.closeAllConnections()
        backend.close()
        console.log(JSON.stringify({ events, log }))
        process.exit() // timers of the client outlive its stop
      `),
    )
    expect(JSON.parse(out)).toEqual({ events: ['connect', 'hello'], log: ['started', 'stopping', 'stopped'] })
    expect(code).toBe(0)
  })

  it.each([
    ['{ hubs: { chat: { handler: { event() {} } } } }', /^hubs\.chat\.handler: .* or run under Bun$/],
    ["{ port: 'x' }", /^port wants a whole number from 0 to 65535$/],
    ['{ limitss: {} }', /^limitss is unknown; did you mean limits\?$/],
    ["{ hostname: '0.0.0.0' }", /^0\.0\.0\.0 can be reached by others/],
  ])('rejects %s in plain words', async (options, words) => {
    const script = `await WebPubSub.start(${options}).catch((error) => console.log(error.message))`
    expect(await outcomeOf(node(script))).toMatchObject({ code: 0, out: expect.stringMatching(words) })
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends with its parent, when that one ends by %s', async (signal) => {
    const child = node(`console.log((await WebPubSub.start()).url)`)
    let url = ''
    for await (const chunk of child.stdout) {
      url += new TextDecoder().decode(chunk)
      if (url.endsWith('\n')) break
    }
    expect(await answers(url.trim())).toBe(true)
    child.kill(signal)
    await child.exited
    await until(async () => !(await answers(url.trim())))
    expect(await answers(url.trim())).toBe(false)
  })
})
