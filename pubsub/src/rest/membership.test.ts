import { describe, expect, it } from 'bun:test'
import { askRest, restToken } from '../testing/rest-client.ts'
import { startService, type TestService } from '../testing/service.ts'

const base = '/api/hubs/chat'

const post = (service: TestService, path: string, body: object) =>
  askRest(service.port, `POST ${base}${path}`, {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

async function members(service: TestService, group: string): Promise<string[]> {
  const { body } = await askRest(service.port, `GET ${base}/groups/${group}/connections`)
  return (JSON.parse(body) as { value: { userId: string | null }[] }).value.map(({ userId }) => `${userId}`).sort()
}

describe('membership by REST', () => {
  it('is given to all, or to whom the filter names, and taken likewise', async () => {
    await using service = startService()
    for (const userId of ['alice', 'bob']) await service.join({ userId })
    await service.join({ groups: ['here'] })
    expect((await post(service, '/:addToGroups', { groups: ['a', 'b'], filter: null })).status).toBe(200)
    expect([await members(service, 'a'), await members(service, 'b')]).toEqual([
      ['alice', 'bob', 'null'],
      ['alice', 'bob', 'null'],
    ])
    await post(service, '/:addToGroups', { groups: ['c'], filter: "userId in ('bob', null)" })
    expect(await members(service, 'c')).toEqual(['bob', 'null'])
    await post(service, '/:removeFromGroups', { groups: ['a', 'c'], filter: "'a' in groups and userId ne 'alice'" })
    expect([await members(service, 'a'), await members(service, 'c')]).toEqual([['alice'], []])
    await post(service, '/:removeFromGroups', { groups: ['a', 'b', 'nobody'] })
    expect([await members(service, 'a'), await members(service, 'b')]).toEqual([[], []])
  })

  it('is for whom the filter names in whatever case its own name is written', async () => {
    await using service = startService()
    for (const userId of ['alice', 'bob']) await service.join({ userId })
    expect((await post(service, '/:addToGroups', { GROUPS: ['a'], Filter: "userId eq 'bob'" })).status).toBe(200)
    expect(await members(service, 'a')).toEqual(['bob'])
    await post(service, '/:addToGroups', { groups: ['b'], FILTER: "userId eq 'nobody'" })
    expect(await members(service, 'b')).toEqual([])
    await post(service, '/:removeFromGroups', { Groups: ['a'], fILTER: "userId eq 'alice'" })
    expect(await members(service, 'a')).toEqual(['bob'])
  })

  it('is asked about before anything changes', async () => {
    await using service = startService()
    await service.join({ userId: 'alice', groups: ['a', 'b'] })
    await post(service, '/:removeFromGroups', { groups: ['a', 'b'], filter: 'length(groups) eq 2' })
    expect([await members(service, 'a'), await members(service, 'b')]).toEqual([[], []])
  })

  it('is refused to who is in as many groups as he may be', async () => {
    await using service = startService({ limits: { groupsPerConnectionMax: 2 } })
    const { connectionId } = await service.join({ userId: 'alice', groups: ['a'] })
    expect((await post(service, '/:addToGroups', { groups: ['a', 'b', 'c'] })).status).toBe(409)
    for (const path of [`/groups/c/connections/${connectionId}`, '/users/alice/groups/c']) {
      const { status, headers } = await askRest(service.port, `PUT ${base}${path}`)
      expect([status, headers['x-ms-error-code']]).toEqual([409, 'Error.Connection.Conflict'])
    }
    expect([await members(service, 'b'), await members(service, 'c')]).toEqual([['alice'], []])
  })
})

interface PageBody {
  value: { connectionId: string; userId: string | null }[]
  nextLink?: string
}

describe('the members of a group', () => {
  async function page(service: TestService, path: string): Promise<PageBody> {
    const { body } = await askRest(service.port, `GET ${path}`)
    return JSON.parse(body) as PageBody
  }

  it('are nobody for an empty one', async () => {
    await using service = startService()
    const { status, headers, body } = await askRest(service.port, `GET ${base}/groups/g/connections`)
    expect([status, headers['Content-Type'], body]).toEqual([200, 'application/json; charset=utf-8', '{"value":[]}'])
  })

  it('come in pages, told once each while others come and go', async () => {
    await using service = startService()
    const join = (count: number) => Promise.all(Array.from({ length: count }, () => service.join({ groups: ['a/b'] })))
    const clients = await join(6)
    const path = `${base}/groups/a%2Fb/connections`
    const first = await page(service, `${path}?maxpagesize=2`)
    const token = first.value[1]?.connectionId ?? ''
    expect(first.nextLink).toBe(
      `http://127.0.0.1:${service.port}${path}?maxpagesize=2&continuationToken=${token}&api-version=2024-12-01`,
    )
    await service.hub.closeConnection(token)
    await join(2)
    const seen = [...first.value]
    let next = first.nextLink
    for (let pages = 1; next; pages++) {
      expect(pages).toBeLessThan(6)
      const more = await page(service, new URL(next).pathname + new URL(next).search)
      seen.push(...more.value)
      next = more.nextLink
    }
    const ids = seen.map(({ connectionId }) => connectionId)
    expect(ids).toEqual([...new Set(ids)].sort())
    expect(ids).toEqual(expect.arrayContaining(clients.map(({ connectionId }) => connectionId)))
  })

  it('are three pages of two when they are six, and no more than asked for', async () => {
    await using service = startService()
    for (let at = 0; at < 6; at++) await service.join({ groups: ['g'], userId: `u${at}` })
    const pages = async (query: string) => {
      const sizes = []
      let next: string | undefined = `${base}/groups/g/connections?${query}`
      while (next) {
        const { value, nextLink }: PageBody = await page(service, next)
        sizes.push(value.length)
        next = nextLink && new URL(nextLink).pathname + new URL(nextLink).search
      }
      return sizes
    }
    expect(await pages('maxpagesize=2')).toEqual([2, 2, 2])
    expect(await pages('maxpagesize=2&top=4')).toEqual([2, 2])
    expect(await pages('maxpagesize=2&top=3')).toEqual([2, 1])
    expect(await pages('maxpagesize=4&api-version=2021-10-01')).toEqual([4, 2])
    expect(await pages('top=2')).toEqual([2])
    expect(await pages('top=9')).toEqual([6])
    const { nextLink = '' } = await page(service, `${base}/groups/g/connections?maxpagesize=2&top=5`)
    expect(new URL(nextLink).searchParams.get('top')).toBe('3')
  })

  it('are linked to by the address that the caller knows', async () => {
    await using service = startService({ acceptedHosts: ['chat.example'] })
    for (let at = 0; at < 2; at++) await service.join({ groups: ['g'] })
    const path = `${base}/groups/g/connections?maxpagesize=1`
    const token = restToken(service.port, path, { aud: `wss://Chat.Example:443${path}` })
    const { body } = await askRest(service.port, `GET ${path}`, { token })
    expect((JSON.parse(body) as PageBody).nextLink).toStartWith(`https://chat.example${base}/groups/g/connections?`)
  })
})
