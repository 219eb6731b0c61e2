import { clientEvents, isClientEventName, limits } from '@chatr/protocol'
import type { FailureCode } from '@chatr/protocol'
import type { Connection, ConnectionHandlers, CreateConnection, Sent } from '../../connection/connection.ts'
import type { Fetch } from '../../connection/http-api.ts'
import { chatRules, sendMessage } from './chat-rules.ts'
import { addChat, deliver, newWorld, relay, tell, unreadOf } from './world.ts'
import type { Line, NewChat, Relayed, StoredChat, World } from './world.ts'

/** One service and its chat backend in memory, with the rules of the protocol that the client relies on. */
export function createMemoryServer() {
  const world = newWorld()
  return Object.assign(world, {
    addChat: (chat: NewChat) => addChat(world, chat),
    say: (chatId: string, userId: string, text: string) =>
      sendMessage({ world, userId, data: { chatId, id: crypto.randomUUID(), text } }),
    tell: (...args: Parameters<typeof tell> extends [World, ...infer Rest] ? Rest : never) => tell(world, ...args),
    relay: (relayed: Relayed) => relay(world, relayed),
    /** Every socket closes. */
    cut: () => world.lines.forEach(drop),
    /** Every socket goes on to look open. */
    freeze: () => world.lines.forEach((line) => void (line.isDead = true)),
    fetchAs: (userId: string): Fetch => {
      return (path) => answer(world, userId, path)
    },
    connectAs: (userId: string): CreateConnection => {
      return (_url, handlers) => open(world, userId, handlers)
    },
  })

  function drop(line: Line): void {
    end(world, line)
    line.handlers.onClosed()
  }
}
export type MemoryServer = ReturnType<typeof createMemoryServer>

function open(world: World, userId: string, handlers: ConnectionHandlers): Connection {
  const line: Line = { userId, handlers, isOpen: false, isDead: false, unanswered: new Set() }
  let isClosed = false
  queueMicrotask(() => {
    if (isClosed) return
    if (!world.isUp) return handlers.onClosed()
    world.lines.add(line)
    line.isOpen = true
    handlers.onOpen()
  })
  return {
    sendEvent: (event, data) => perform(world, line, () => hear(world, line, { event, data })),
    sendToGroup: (group, data) =>
      perform(world, line, () => relay(world, { group, fromUserId: userId, data, except: line })),
    whisper: (group, data) => void relay(world, { group, fromUserId: userId, data, except: line }),
    ping: () => line.isOpen && !line.isDead && handlers.onHeard(),
    close: () => {
      isClosed = true
      end(world, line)
    },
  }
}

function end(world: World, line: Line): void {
  line.isOpen = false
  world.lines.delete(line)
  for (const lose of line.unanswered) lose()
}

function perform(world: World, line: Line, run: () => Sent): Promise<Sent> {
  if (!line.isOpen) return Promise.resolve({ outcome: 'lost' })
  return new Promise((resolve) => {
    line.unanswered.add(() => resolve({ outcome: 'lost' }))
    if (line.isDead) return
    const sent = run()
    if (!world.swallowsAnswers) queueMicrotask(() => resolve(sent))
  })
}

function hear(world: World, line: Line, { event, data }: { event: string; data: unknown }): Sent {
  world.heard.push({ userId: line.userId, event, data })
  if (!isClientEventName(event)) return { outcome: 'refused', name: 'InternalServerError' }
  // The table pairs each name with its schema. What the protocol does not allow throws: no client may say it.
  const rule = chatRules[event] as (asked: { world: World; userId: string; data: unknown }) => FailureCode | undefined
  const parsed: unknown = clientEvents[event].parse(data)
  const code = world.refuses ?? rule({ world, userId: line.userId, data: parsed })
  const { ref, id, chatId } = data as { ref?: string; id?: string; chatId?: string }
  const failure = { event, ref: ref ?? id ?? chatId, code, message: 'no' }
  if (code) deliver(world, line, { data: { chatEvent: 'failed', data: failure } })
  return { outcome: 'acked' }
}

async function answer(world: World, userId: string, path: string): Promise<Response> {
  world.asked.push(path)
  if (!world.isUp) throw new Error('the server is down')
  if (!world.isSignedIn) return new Response(null, { status: 401 })
  const url = new URL(path, 'http://test')
  const lists: Record<string, () => object> = {
    '/api/getToken': () => ({ url: 'ws://t', baseUrl: 'ws://t', token: '', settings: { idleAfterSeconds: 60 } }),
    '/api/users': () => ({ users: Object.fromEntries(world.online) }),
    '/api/chats': () => ({ chats: listings(world, userId) }),
  }
  const list = lists[url.pathname]
  if (list) return Response.json(list())
  const stored = world.chats.get(url.pathname.split('/')[3] ?? '')
  return stored ? Response.json(page(stored, url.searchParams)) : new Response(null, { status: 404 })
}

function listings({ chats }: World, userId: string) {
  const visible = [...chats.values()].filter(({ chat }) => chat.kind === 'group' || chat.members[userId])
  return Object.fromEntries(
    visible.map((stored) => {
      const last = stored.log.findLast(({ kind }) => kind === 'message')
      const mine = { readPos: stored.readPos.get(userId) ?? 0, unread: unreadOf(stored, userId), last }
      return [stored.chat.id, { ...stored.chat, ...(stored.chat.members[userId] && mine) }]
    }),
  )
}

function page({ chat, log }: StoredChat, query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? limits.pageDefault)
  const at = (name: string) => Number(query.get(name))
  if (query.has('since') || query.has('after')) {
    const found = log.filter(({ pos, rev }) => (query.has('since') ? rev > at('since') : pos > at('after')))
    return { messages: found.slice(0, limit), rev: chat.rev, more: found.length > limit }
  }
  const until = query.has('around') ? log.filter(({ pos }) => pos < at('around') + limit / 2) : log
  const found = query.has('before') ? log.filter(({ pos }) => pos < at('before')) : until
  return { messages: found.slice(-limit), rev: chat.rev, more: found.length > limit }
}
