import type { ConnectOptions, Context } from '../kit/context.ts'
import { matches, same } from '../kit/expect.ts'
import { services } from '../kit/services.ts'
import { area } from '../model.ts'

/** Who is there: alice in A, bob in A and B, nobody's connection in no group. */
const people: ConnectOptions[] = [{ userId: 'alice', groups: ['A'] }, { userId: 'bob', groups: ['A', 'B'] }, {}]
const names: Record<string, string> = { a: 'alice', b: 'bob', n: 'the one without a user' }

/** Filters and whom of the people they hold for, by the letters a, b, n. */
const filters: [filter: string, holdsFor: string, evidence: string][] = [
  ["userId eq 'alice'", 'a', 'W'],
  ["userId ne 'alice'", 'bn', 'W'],
  ['userId eq null', 'n', 'W'],
  ['userId ne null', 'ab', 'W'],
  ["'A' in groups", 'ab', 'W'],
  ["'A' in groups and 'B' in groups", 'b', 'W'],
  ["'A' in groups and not('B' in groups)", 'a', 'W'],
  ["not ('A' in groups)", 'n', 'D'],
  ["userId eq 'alice' or userId eq 'bob' and 'C' in groups", 'a', 'D'],
  ["(userId eq 'alice' or userId eq 'bob') and 'B' in groups", 'b', 'D'],
  ["userId in ('alice','carol')", 'a', 'D'],
  ["userId eq 'Alice'", '', 'E'],
  ["'a' in groups", '', 'E'],
  ["tolower('ALICE') eq userId", 'a', 'D'],
  ["toupper(userId) eq 'ALICE'", 'a', 'D'],
  ["trim('  bob ') eq userId", 'b', 'D'],
  ['length(userId) eq 5', 'a', 'D'],
  ['length(userId) gt 3', 'a', 'D'],
  ['length(userId) le 3 and userId ne null', 'b', 'D'],
  ["substring(userId, 1) eq 'lice'", 'a', 'D'],
  ["substring(userId, 1, 2) eq 'li'", 'a', 'D'],
  ["indexof(userId, 'b') ge 0 and userId ne null", 'b', 'D'],
  ["concat(userId, '!') eq 'bob!'", 'b', 'D'],
  ["contains(userId, 'li')", 'a', 'D'],
  ["startswith(userId, 'al')", 'a', 'D'],
  ["endswith(userId, 'ob')", 'b', 'D'],
  ['length(groups) eq 2', 'b', 'D'],
  ['length(groups) eq 0', 'n', 'D'],
  ["connectionId ne 'x'", 'abn', 'D'],
  ['true', 'abn', 'D'],
  ['false', '', 'D'],
  ["USERID EQ 'alice'", 'a', 'E'],
  ["userId eq 'o''x'", '', 'D'],
]

const refused: [filter: string, evidence: string][] = [
  ['invalid filter', 'W'],
  ["userId eq 'alice", 'D'],
  ["userId eq 'alice' and", 'D'],
  ['userId', 'D'],
  ['1', 'D'],
  ["'text'", 'D'],
  ["name eq 'alice'", 'D'],
  ['unknown(userId)', 'D'],
  ["userId gt 'a'", 'E'],
  [`${'('.repeat(300)}true${')'.repeat(300)}`, 'DE'],
]

export const filterCases = area('filters', '9.5', [
  ...filters.map(([filter, holdsFor, evidence]) => ({
    id: filter.replaceAll(/[^\w]+/g, '-'),
    title: `${filter} holds for ${
      holdsFor === ''
        ? 'nobody'
        : holdsFor
            .split('')
            .map((letter) => names[letter])
            .join(', ')
    }`,
    evidence,
    run: (context: Context) => selects(context, filter, holdsFor),
  })),
  ...refused.map(([filter, evidence]) => ({
    id: `refused-${filter.slice(0, 30).replaceAll(/[^\w]+/g, '-')}`,
    title: `${filter.length > 60 ? 'a filter nested 300 deep' : filter} is refused with 400, before the body is looked at`,
    evidence,
    edges: ['29'],
    run: async (context: Context) => {
      const headers = { 'content-type': 'application/xml' }
      const path = `/:send?filter=${encodeURIComponent(filter)}`
      same((await context.rest('POST', path, { body: 'x', headers })).status, 400)
    },
  })),
  {
    id: 'empty',
    title: 'an empty filter is none',
    evidence: 'E',
    run: (context) => selects(context, '', 'abn'),
  },
])

async function selects(context: Context, filter: string, holdsFor: string): Promise<void> {
  const clients = await Promise.all(people.map((person) => context.connect(person)))
  const answer = await context.rest('POST', `/:send?filter=${encodeURIComponent(filter)}`, { body: 'match' })
  same([answer.status, answer.text], [202, ''])
  await context.service.sendToAll('last', { contentType: 'text/plain' })
  const heard = await Promise.all(clients.map(async (client) => (await client.frame())['data'] === 'match'))
  same(['a', 'b', 'n'].filter((_, at) => heard[at]).join(''), holdsFor, 'who heard it')
}

export const pagingCases = area('paging', '9.3', [
  {
    id: 'shape',
    title: 'members are listed with connectionId and userId, null where there is none, and without nextLink at the end',
    evidence: 'W',
    run: async (context) => {
      const alice = await context.connect({ userId: 'alice', groups: ['lobby'] })
      const nobody = await context.connect({ groups: ['lobby'] })
      const { status, text, headers } = await context.rest('GET', '/groups/lobby/connections')
      const rows = [
        { connectionId: alice.connectionId, userId: 'alice' },
        { connectionId: nobody.connectionId, userId: null },
      ]
      same([status, sorted(JSON.parse(text) as Page)], [200, { value: rows.toSorted(byId) }])
      matches(headers.get('content-type') ?? '', /^application\/json/)
    },
  },
  {
    id: 'empty',
    title: 'a group without members is an empty page',
    evidence: 'W',
    run: async (context) => {
      same((await context.rest('GET', '/groups/nobody/connections')).text, '{"value":[]}')
    },
  },
  {
    id: 'pages',
    title: 'six members by two are exactly three pages, linked by absolute addresses that name size and version',
    evidence: 'W',
    run: async (context) => {
      await members(context, 6)
      const pages = await follow(context, '/groups/lobby/connections?maxpagesize=2')
      same(
        pages.map(({ value }) => value.length),
        [2, 2, 2],
      )
      same(new Set(pages.flatMap(({ value }) => value.map(({ connectionId }) => connectionId))).size, 6, 'each once')
      const link = new URL(pages[0]?.nextLink ?? '')
      same(
        [link.host, link.pathname],
        [context.target.endpoint.host, `/api/hubs/${context.hub}/groups/lobby/connections`],
      )
      same([link.searchParams.get('maxpagesize'), link.searchParams.get('api-version')], ['2', '2024-12-01'])
    },
  },
  {
    id: 'top',
    title: 'top bounds the whole and is carried on, reduced; a page that fills it has no link',
    evidence: 'W',
    run: async (context) => {
      await members(context, 6)
      const pages = await follow(context, '/groups/lobby/connections?top=5&maxpagesize=2')
      same(
        pages.map(({ value }) => value.length),
        [2, 2, 1],
      )
      same(new URL(pages[0]?.nextLink ?? '').searchParams.get('top'), '3')
      const filled = await follow(context, '/groups/lobby/connections?top=4&maxpagesize=2')
      same(
        filled.map(({ value }) => value.length),
        [2, 2],
      )
    },
  },
  {
    id: 'sdk',
    title: `service client ${services[0]?.version}: listConnections iterates over members and pages`,
    evidence: 'KW',
    run: async (context) => {
      await members(context, 5)
      const lobby = context.service.group('lobby')
      const all: string[] = []
      for await (const { connectionId } of await lobby.listConnections({ maxPageSize: 2 })) all.push(connectionId)
      same(new Set(all).size, 5)
      const some: string[] = []
      for await (const { connectionId } of await lobby.listConnections({ maxPageSize: 2, top: 3 }))
        some.push(connectionId)
      same(some.length, 3, 'top')
      const sizes: number[] = []
      for await (const page of (await lobby.listConnections({ maxPageSize: 3 })).byPage()) sizes.push(page.length)
      same(sizes, [3, 2], 'by page')
    },
  },
])

interface Page {
  value: { connectionId: string; userId: string | null }[]
  nextLink?: string
}

const byId = (one: { connectionId: string }, two: { connectionId: string }) =>
  one.connectionId < two.connectionId ? -1 : 1
const sorted = ({ value, ...rest }: Page) => ({ value: value.toSorted(byId), ...rest })

const members = (context: Context, count: number) =>
  Promise.all(Array.from({ length: count }, () => context.connect({ groups: ['lobby'] })))

async function follow(context: Context, path: string): Promise<Page[]> {
  const pages: Page[] = []
  let next: string | undefined = path
  while (next !== undefined) {
    const { text } = await context.rest('GET', next)
    const page = JSON.parse(text) as Page // its shape is what the cases compare
    pages.push(page)
    next = page.nextLink?.replace(`${context.target.endpoint.origin}/api/hubs/${context.hub}`, '')
  }
  return pages
}
