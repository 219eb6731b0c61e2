import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, type Page, test as base } from '@playwright/test'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The service as its command starts it, with a webhook for one hub. */
interface PubSub {
  readonly url: string
  stop(): Promise<void>
  /** Again on the same port, with nothing of before. */
  startAgain(): Promise<void>
}

interface ClientWish {
  hub?: string
  userId?: string
  groups?: string[]
  protocol?: string
}

/** A client in a browser page of its own, so that the sockets are real ones. */
interface Client {
  id: string
  send(frame: object): Promise<void>
  /** All frames so far. */
  frames: () => Promise<string[]>
}

interface Fixtures {
  /** The hub whose events go to a webhook. */
  webhookHub: string
  pubsub: PubSub
  /** Connects a client; it stays until the test ends. */
  connect: (wish?: ClientWish) => Promise<Client>
  /** The page inside, at a route. Its errors, and requests to elsewhere, fail the test. */
  inside: (route?: string) => Promise<Page>
}

const json = 'json.webpubsub.azure.v1'

export const test = base.extend<Fixtures>({
  webhookHub: ['chat', { option: true }],
  pubsub: async ({ webhookHub }, use) => {
    const webhook = createServer(answer)
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
    // listening on TCP, so it has a port
    const { port } = webhook.address() as AddressInfo
    const pubsub = await startPubSub(`${webhookHub}=http://127.0.0.1:${port}/eventhandler`)
    await use(pubsub)
    await pubsub.stop()
    webhook.closeAllConnections()
    webhook.close()
  },
  connect: async ({ browser, pubsub }, use) => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await use((wish) => connectIn(page, pubsub, wish))
    await context.close()
  },
  inside: async ({ page, pubsub }, use) => {
    const faults: string[] = []
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('console', (message) => {
      // the browser's own words for a feed that broke off
      if (message.type() === 'error' && !message.text().includes('ERR_')) faults.push(message.text())
    })
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(pubsub.url).origin) faults.push(`asked for ${request.url()}`)
    })
    await use(async (route = '') => {
      await page.goto(`${pubsub.url}/${route}`)
      await expect(page.getByText('Live', { exact: true }).first()).toBeVisible()
      return page
    })
    expect(faults).toEqual([])
  },
})

export { expect } from '@playwright/test'

async function startPubSub(handler: string): Promise<PubSub> {
  let running = await launch(handler, '0')
  const { port } = new URL(running.url)
  return {
    url: running.url,
    async stop() {
      running.child.kill('SIGKILL')
      await running.ended
    },
    async startAgain() {
      running = await launch(handler, port)
    },
  }
}

interface Launched {
  child: ChildProcess
  url: string
  ended: Promise<void>
}

/** Rejects with what it printed when it ends before it runs. */
function launch(handler: string, port: string): Promise<Launched> {
  const flags = ['--port', port, '--handler', handler, '--allow-anonymous', 'open']
  const child = spawn(join(root, 'node_modules/.bin/bun'), ['pubsub/src/command/main.ts', ...flags], { cwd: root })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let printed = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      const url = /Look inside\s+(http:\S+\d)\//.exec(printed)?.[1]
      if (url) resolve({ child, url, ended })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', () => reject(new Error(`the service ended before it ran:\n${printed}`)))
  })
}

/** A backend that takes all, but refuses the event `fail`. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const status = request.headers['ce-eventname'] === 'fail' ? 400 : 200
  request.resume().once('end', () => response.writeHead(status, { 'WebHook-Allowed-Origin': '*' }).end())
}

async function connectIn(page: Page, { url }: PubSub, wish: ClientWish = {}): Promise<Client> {
  const { hub = 'chat', userId, groups = [], protocol = json } = wish
  const roles = ['webpubsub.joinLeaveGroup', 'webpubsub.sendToGroup']
  const response = await fetch(`${url}/inspector/api/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ hub, roles, groups, ...(userId !== undefined && { userId }) }),
  })
  // the answer of the action is typed where it is made
  const { path, token } = (await response.json()) as { path: string; token: string }
  const address = `${url.replace('http', 'ws')}${path}?access_token=${token}`
  const handle = await page.evaluateHandle(
    async ({ address, protocol }) => {
      const socket = new WebSocket(address, protocol)
      const frames: string[] = []
      await new Promise((resolve, reject) => {
        socket.addEventListener('close', reject)
        socket.addEventListener('message', ({ data }) => {
          frames.push(String(data))
          resolve(undefined)
        })
      })
      return { socket, frames }
    },
    { address, protocol },
  )
  const frames = () => handle.evaluate(({ frames }) => frames)
  const [connected = ''] = await frames()
  return {
    id: (JSON.parse(connected) as { connectionId: string }).connectionId,
    frames,
    send: (frame) => handle.evaluate(({ socket }, text) => socket.send(text), JSON.stringify(frame)),
  }
}
