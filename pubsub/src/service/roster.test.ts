import { describe, expect, it } from 'bun:test'
import * as fc from 'fast-check'
import { newConnection } from '../connection.ts'
import { addToHub, joinGroup, leaveGroup, openHub, removeFromHub } from '../hub.ts'
import { createWebPubSub } from '../index.ts'
import type { Connection } from '../model.ts'
import { newConnectionId } from '../names.ts'
import { type ListOptions, listPage, type Page } from './member-listing.ts'
import { json } from '../subprotocols/json.ts'
import { testKeys } from '../testing/service.ts'

/** A hub whose connections have no sockets, and a clock that stands until it is moved. */
function openHall() {
  let now = 0
  const endpoint = 'http://localhost:8080'
  const pubsub = createWebPubSub({ endpoint, keys: testKeys, hubs: {}, clock: () => now })
  const hub = openHub(pubsub.inside.engine, 'chat')
  const enter = (group = 'g'): Connection => {
    const context = {
      hub: 'chat',
      connectionId: newConnectionId(),
      userId: undefined,
      subprotocol: undefined,
      state: undefined,
    }
    const connection = newConnection({ hub, subprotocol: json, roles: [], groups: [], context })
    addToHub(connection)
    joinGroup(connection, group)
    return connection
  }
  const read = (options: ListOptions, group = 'g'): Page => {
    const page = listPage(hub, group, options)
    if (page.refusal) throw new Error(page.refusal.message)
    return page.value
  }
  const wait = (ms: number) => {
    now += ms
  }
  return { enter, read, wait, close: () => pubsub.close() }
}

const idsOf = ({ members }: Page) => members.map(({ connectionId }) => connectionId)
const idOf = ({ context }: Connection) => context.connectionId

describe('a listing of a group', () => {
  it('is sorted and whole, whatever its size and its pages', async () => {
    const hall = openHall()
    for (const size of [1, 199, 200, 201, 512, 513, 3_000]) {
      const group = `g${size}`
      const expected = Array.from({ length: size }, () => idOf(hall.enter(group))).sort()
      for (const maxPageSize of [7, 200]) {
        const seen: string[] = []
        for (let next: ListOptions | undefined = { maxPageSize }; next;) {
          const page = hall.read(next, group)
          seen.push(...idsOf(page))
          next = page.next
        }
        expect(seen).toEqual(expected)
      }
    }
    await hall.close()
  })

  it('tells everybody who stays exactly once, while others come and go and list too', async () => {
    const act = fc.oneof(
      { weight: 4, arbitrary: fc.constant('page' as const) },
      fc.constantFrom('enter', 'leave', 'end', 'wait', 'list' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(1_500), fc.array(act, { maxLength: 40 }), async (size, acts) => {
        const hall = openHall()
        const staying = Array.from({ length: size }, () => idOf(hall.enter()))
        const going = Array.from({ length: 200 }, () => hall.enter())
        const seen: string[] = []
        const turn = (options: ListOptions | undefined): ListOptions | undefined => {
          if (!options) return undefined
          const page = hall.read(options)
          seen.push(...idsOf(page))
          return page.next
        }
        let next: ListOptions | undefined = { maxPageSize: 50 }
        const acting = {
          page: () => {
            next = turn(next)
          },
          enter: () => void going.push(hall.enter()),
          leave: () => going.slice(0, 30).forEach((connection) => leaveGroup(connection, 'g')),
          end: () => going.splice(0, 30).forEach((connection) => removeFromHub(connection)),
          wait: () => hall.wait(40_000),
          list: () => void hall.read({}),
        }
        for (const name of acts) acting[name]()
        while (next) next = turn(next)
        expect(seen).toEqual([...new Set(seen)].sort())
        const told = new Set(seen)
        expect(staying.filter((id) => !told.has(id))).toEqual([])
        await hall.close()
      }),
      { numRuns: 60 },
    )
  })

  it('does not look at everybody again for each page', async () => {
    const hall = openHall()
    let looks = 0
    for (let at = 0; at < 3_000; at++) {
      const connection = hall.enter()
      const { context } = connection
      Object.defineProperty(connection, 'context', { get: () => (looks++, context) })
    }
    for (let next: ListOptions | undefined = { maxPageSize: 100 }; next;) next = hall.read(next).next
    expect(looks).toBeLessThan(3 * 3_000)
    await hall.close()
  })

  it('that begins anew tells who came since, and so does one that rested long', async () => {
    const hall = openHall()
    for (let at = 0; at < 300; at++) hall.enter()
    const first = hall.read({ maxPageSize: 10 })
    const later = Array.from({ length: 100 }, () => idOf(hall.enter()))
    const all = [...idsOf(hall.read({})), ...idsOf(hall.read(hall.read({}).next ?? {}))]
    expect(all).toHaveLength(400)
    expect(all).toEqual(expect.arrayContaining(later))
    hall.read({ maxPageSize: 10 })
    const latest = Array.from({ length: 100 }, () => idOf(hall.enter()))
    hall.wait(60_000)
    const rest = idsOf(hall.read({ ...first.next, maxPageSize: 200 }))
    const behind = idsOf(first).at(-1) ?? ''
    const last = rest.at(-1) ?? ''
    expect(rest).toEqual(expect.arrayContaining(latest.filter((id) => id > behind && id <= last)))
    await hall.close()
  })

  it('leaves out at once who left, and counts nobody who is gone as one more page', async () => {
    const hall = openHall()
    const inOrder = Array.from({ length: 6 }, () => hall.enter()).sort((one, two) => (idOf(one) < idOf(two) ? -1 : 1))
    const first = hall.read({ maxPageSize: 2 })
    for (const connection of inOrder.slice(3)) leaveGroup(connection, 'g')
    expect(hall.read(first.next ?? {})).toEqual({
      members: [{ connectionId: idOf(inOrder[2] ?? hall.enter()) }],
      next: undefined,
    })
    await hall.close()
  })
})
