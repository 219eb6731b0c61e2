import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { join, type RawClient, signIn } from '../support/raw-client.ts'
import { type RunningChatr, startChatr } from '../support/start-chatr.ts'

let chatr: RunningChatr
let ana: RawClient
let ben: RawClient
let eve: RawClient
let privateId: string
const groupId = crypto.randomUUID()

beforeAll(async () => {
  chatr = await startChatr()
  ;[ana, ben, eve] = await Promise.all([
    join(chatr.url, 'Ana'),
    join(chatr.url, 'Ben', 'github'),
    join(chatr.url, 'Eve'),
  ])
  await ana.ask('createChat', { id: groupId, name: 'Goat Chat' })
  await ana.ask('createPrivateChat', { targetUserId: ben.userId })
  privateId = (await ben.told('joinPrivateChat')).chatId
})
afterAll(() => chatr.remove())

/** What an outsider could try to get lines into, or out of, a group. */
let lastAckId = 900
const intrusions = (group: string) => [
  { type: 'joinGroup', group, ackId: ++lastAckId },
  { type: 'sendToGroup', group, ackId: ++lastAckId, dataType: 'text', data: 'let me in' },
  { type: 'sendToGroup', group, ackId: ++lastAckId, dataType: 'json', data: { chatEvent: 'message', data: {} } },
  { type: 'leaveGroup', group, ackId: ++lastAckId },
]

async function refusedAll(client: RawClient, group: string) {
  for (const frame of intrusions(group)) {
    client.send(frame)
    const ack = await client.frame(({ ackId }) => ackId === frame.ackId, `ack ${frame.ackId}`)
    expect(ack).toMatchObject({ success: false, error: { name: 'Forbidden' } })
  }
}

describe('an outsider', () => {
  it('can neither join the group of a private chat nor send to it', () => refusedAll(eve, privateId))

  it('can neither join the group of a group chat nor send to it, past the backend', () => refusedAll(eve, groupId))

  it.each(['joinChat', 'leaveChat', 'deleteChat'])('is told by %s that a private chat is not there', async (event) => {
    const { failed, ack } = await eve.ask(event, privateId)
    expect(failed).toMatchObject({ event, ref: privateId, code: 'NotFound' })
    expect(ack.success).toBe(true)
  })

  it('cannot write into a private chat', async () => {
    const { failed } = await eve.ask('sendMessage', { chatId: privateId, id: crypto.randomUUID(), text: 'hello' })
    expect(failed?.code).toBe('NotFound')
  })

  it('cannot move a read position in a private chat', async () => {
    expect((await eve.ask('markRead', { chatId: privateId, pos: 1 })).failed?.code).toBe('NotFound')
  })

  it('does not find a private chat in the list or by its messages', async () => {
    const { chats } = (await (await eve.session.get('/api/chats')).json()) as { chats: Record<string, unknown> }
    expect(Object.keys(chats)).toEqual([groupId])
    expect((await eve.session.get(`/api/chats/${privateId}/messages`)).status).toBe(404)
  })

  it('cannot read or write a group chat that he has not joined', async () => {
    const { failed } = await eve.ask('sendMessage', { chatId: groupId, id: crypto.randomUUID(), text: 'hello' })
    expect(failed?.code).toBe('Forbidden')
    expect((await eve.session.get(`/api/chats/${groupId}/messages`)).status).toBe(403)
  })

  it('cannot remove somebody else’s chat, whatever he says about himself', async () => {
    const { failed } = await eve.ask('deleteChat', { chatId: groupId, userId: ana.userId, owner: ana.userId })
    expect(failed).toMatchObject({ code: 'Forbidden', ref: groupId })
    expect(ana.heard().some(({ chatEvent }) => chatEvent === 'chatDeleted')).toBe(false)
  })

  it('hears nothing of a private chat, neither that it began nor what is said', async () => {
    await ana.ask('sendMessage', { chatId: privateId, id: crypto.randomUUID(), text: 'between us' })
    await ben.told('message', ({ message }) => message.text === 'between us')
    await eve.settle()
    const heard = JSON.stringify(eve.heard().filter(({ chatEvent }) => chatEvent !== 'failed'))
    expect(heard).toContain(groupId)
    expect(heard).not.toContain(privateId)
    expect(JSON.stringify(eve.frames)).not.toContain('between us')
  })
})

describe('a member', () => {
  it('who left neither hears nor sends any more', async () => {
    await ben.ask('joinChat', groupId)
    await ben.ask('leaveChat', groupId)
    await ana.told('memberChanged', ({ change, member }) => change === 'left' && member.userId === ben.userId)
    await refusedAll(ben, groupId)
    await ana.ask('sendMessage', { chatId: groupId, id: crypto.randomUUID(), text: 'is he gone' })
    await ben.settle()
    expect(JSON.stringify(ben.frames)).not.toContain('is he gone')
  })

  it('cannot speak as somebody else: the service says who sent a relayed line', async () => {
    await ben.ask('joinChat', groupId)
    ben.send({
      type: 'sendToGroup',
      group: groupId,
      dataType: 'json',
      data: { message: 'I am Ana', fromUserId: ana.userId, fromUserName: 'Ana' },
    })
    const frame = await ana.frame(({ data }) => (data as { message?: string } | undefined)?.message === 'I am Ana')
    expect(frame).toMatchObject({ from: 'group', fromUserId: ben.userId })
  })

  it('cannot take the id of another one’s message', async () => {
    const id = crypto.randomUUID()
    await ana.ask('sendMessage', { chatId: groupId, id, text: 'mine' })
    const { failed } = await ben.ask('sendMessage', { chatId: groupId, id, text: 'now mine' })
    expect(failed).toMatchObject({ code: 'Duplicate', ref: id })
  })

  it('cannot read on for another: idle and read events count for the connection that sent them', async () => {
    await ben.ask('userEnterIdle', { userId: ana.userId })
    await eve.told('userIsIdle', (userId) => userId === ben.userId)
    const { users } = (await (await eve.session.get('/api/users')).json()) as {
      users: Record<string, { idle: boolean }>
    }
    expect(users[ana.userId]?.idle).toBe(false)
    await ben.ask('userExitIdle', {})
  })
})

describe('the doors', () => {
  it.each(['/api/getToken', '/api/users', '/api/chats', `/api/chats/${groupId}/messages`])(
    '%s: 401 without a session',
    async (path) => {
      expect((await fetch(chatr.url + path)).status).toBe(401)
    },
  )

  it('gives nobody a token for another', async () => {
    expect((await eve.session.get(`/api/getToken?userId=${encodeURIComponent(ana.userId)}`)).status).toBe(403)
    expect((await eve.session.get(`/api/getToken?userId=${encodeURIComponent(eve.userId)}`)).status).toBe(200)
  })

  it('strip a forged principal', async () => {
    const principal = {
      identityProvider: 'github',
      userId: ana.userId,
      userDetails: 'Ana',
      userRoles: ['authenticated'],
    }
    const headers = { 'x-ms-client-principal': btoa(JSON.stringify(principal)) }
    expect((await fetch(`${chatr.url}/api/chats`, { headers })).status).toBe(401)
    const { chats } = (await (await eve.session.get('/api/chats', headers)).json()) as {
      chats: Record<string, unknown>
    }
    expect(Object.keys(chats)).not.toContain(privateId)
  })

  it('answer a webhook 401 where no service is configured, signed or not, and do nothing', async () => {
    const headers = {
      'content-type': 'application/json',
      'ce-type': 'azure.webpubsub.user.deleteChat',
      'ce-userId': ana.userId,
      'ce-connectionId': 'c1',
      'ce-hub': 'chat',
      'ce-eventName': 'deleteChat',
      'ce-signature': `sha256=${'0'.repeat(64)}`,
    }
    const body = JSON.stringify(groupId)
    expect((await fetch(`${chatr.url}/api/eventHandler`, { method: 'POST', headers, body })).status).toBe(401)
    const { chats } = (await (await ana.session.get('/api/chats')).json()) as { chats: Record<string, unknown> }
    expect(Object.keys(chats)).toContain(groupId)
  })

  it('give a token that is good for ten minutes, so that a sign-out soon ends it', async () => {
    const { token } = (await (await eve.session.get('/api/getToken')).json()) as { token: string }
    const { exp, iat } = JSON.parse(atob(token.split('.')[1] ?? '')) as { exp: number; iat: number }
    expect(exp - iat).toBe(600)
  })

  it('refuse a WebSocket without a token, and one with a token that was edited', async () => {
    const { url } = (await (await eve.session.get('/api/getToken')).json()) as { url: string }
    const http = url.replace(/^ws/, 'http')
    const upgrade = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': btoa('0123456789abcdef'),
    }
    const [path, token = ''] = http.split('access_token=')
    const [head, , signature] = token.split('.')
    const forged = btoa(JSON.stringify({ aud: path, sub: ana.userId, exp: 4_000_000_000 })).replace(/=+$/, '')
    expect((await fetch(path ?? '', { headers: upgrade })).status).toBe(401)
    expect((await fetch(`${path}access_token=${head}.${forged}.${signature}`, { headers: upgrade })).status).toBe(401)
  })

  it('know a session only by a cookie they made', async () => {
    for (const cookie of [
      eve.session.cookie.slice(0, -2),
      eve.session.cookie.replace('=', '=a'),
      'chatr_session=admin',
    ]) {
      expect((await fetch(`${chatr.url}/api/chats`, { headers: { cookie } })).status).toBe(401)
    }
  })

  it('give two guests of one name two identities', async () => {
    const [one, two] = await Promise.all([signIn(chatr.url, 'Tess'), signIn(chatr.url, 'Tess')])
    expect(one.userId).not.toBe(two.userId)
  })
})
