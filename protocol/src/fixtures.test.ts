import { describe, expect, it } from 'bun:test'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { clientEvents, isClientEventName } from './client-events.ts'
import { ChatsResponse, ErrorResponse, HealthResponse, MessagesResponse, TokenResponse, UsersResponse } from './http.ts'
import { AuthMe } from './principal.ts'
import { RelayLine, TypingSignal } from './relay.ts'
import { parseServerEvent, serverEvents } from './server-events.ts'

const root = new URL('../fixtures/', import.meta.url)
const names = (folder: string) => readdirSync(new URL(folder, root)).map((file) => file.replace('.json', ''))
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(`${path}.json`, root), 'utf8'))

const ClientFixture = z.object({ type: z.literal('event'), event: z.string(), data: z.unknown() })
const ServerFixture = z.object({ chatEvent: z.string(), data: z.unknown() })
const RelayFixture = z.object({ type: z.literal('sendToGroup'), data: z.unknown() })
const HttpFixture = z.object({ response: z.object({ status: z.int(), body: z.unknown() }) })

const responses = {
  getToken: TokenResponse,
  users: UsersResponse,
  chats: ChatsResponse,
  messages: MessagesResponse,
  health: HealthResponse,
  error: ErrorResponse,
  me: AuthMe,
}

/** Every copy of `data` in which one required field is missing or has a wrong type. */
function spoil(data: unknown, isOptional: (key: string) => boolean): unknown[] {
  if (typeof data !== 'object' || data === null) return [42, '', null, { nothing: true }]
  return Object.keys(data).flatMap((key) =>
    isOptional(key)
      ? []
      : [
          { ...data, [key]: undefined },
          { ...data, [key]: Symbol('wrong') },
        ],
  )
}

describe('the client events', () => {
  const free = new Set(['userEnterIdle', 'userExitIdle'])

  it('have one fixture each', () => {
    expect(names('client').sort()).toEqual(Object.keys(clientEvents).sort())
  })

  it.each(names('client'))('%s: its fixture is accepted', (name) => {
    const frame = ClientFixture.parse(read(`client/${name}`))
    if (!isClientEventName(frame.event)) throw new Error(`${frame.event} is no client event`)
    expect<string>(frame.event).toBe(name)
    expect(clientEvents[frame.event].safeParse(frame.data).success).toBe(true)
  })

  it.each(names('client').filter((name) => !free.has(name)))('%s: a spoiled fixture is refused', (name) => {
    if (!isClientEventName(name)) throw new Error(name)
    const { data } = ClientFixture.parse(read(`client/${name}`))
    for (const bad of spoil(data, (key) => ['history', 'ref'].includes(key))) {
      expect(clientEvents[name].safeParse(bad).success).toBe(false)
    }
  })
})

describe('the server events', () => {
  it('have one fixture each', () => {
    expect(names('server').sort()).toEqual(Object.keys(serverEvents).sort())
  })

  it.each(names('server'))('%s: its fixture is read back as it stands', (name) => {
    const fixture = ServerFixture.parse(read(`server/${name}`))
    expect<unknown>(parseServerEvent(fixture)).toEqual(fixture)
  })

  it.each(names('server'))('%s: a spoiled fixture is not read', (name) => {
    const { data } = ServerFixture.parse(read(`server/${name}`))
    for (const bad of spoil(data, (key) => ['message', 'ref'].includes(key))) {
      if (typeof bad === 'string' && bad !== '') continue
      expect(parseServerEvent({ chatEvent: name, data: bad })).toBeUndefined()
    }
  })

  it('of a later version are passed over', () => {
    expect(parseServerEvent({ chatEvent: 'pollOpened', data: {} })).toBeUndefined()
    expect(parseServerEvent({ chatEvent: 'toString', data: {} })).toBeUndefined()
    expect(parseServerEvent('hello')).toBeUndefined()
  })
})

describe('the relay lane', () => {
  it('carries lines and typing signals as in its fixtures', () => {
    expect(RelayLine.safeParse(RelayFixture.parse(read('relay/line')).data).success).toBe(true)
    expect(TypingSignal.safeParse(RelayFixture.parse(read('relay/typing')).data).success).toBe(true)
  })
})

describe('the HTTP answers', () => {
  it.each(names('http'))('%s: its fixture has the shape that is promised', (name) => {
    const schema = responses[name as keyof typeof responses] // a missing one is undefined and fails below
    const { body } = HttpFixture.parse(read(`http/${name}`)).response
    expect<unknown>(schema.parse(body)).toEqual(body)
  })
})

describe('the wire', () => {
  /** Change it knowingly: every client in the field speaks it. A change that old clients misread needs a new name. */
  const pinned = '98642d8c82ab8ae3'

  it('is the one that clients in the field speak', () => {
    const shapes = [...Object.entries(clientEvents), ...Object.entries(serverEvents), ...Object.entries(responses)].map(
      ([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })],
    )
    expect(createHash('sha256').update(JSON.stringify(shapes)).digest('hex').slice(0, 16)).toBe(pinned)
  })
})
