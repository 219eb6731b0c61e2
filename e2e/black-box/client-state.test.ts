import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { createChatr, type RunningChatr } from '../../client/src/state/create-chatr.ts'
import { createTestPage, createTestStorage } from '../../client/src/state/testing/test-page.ts'
import { signIn as signInRaw } from '../support/raw-client.ts'
import { type RunningChatr as Server, startChatr } from '../support/start-chatr.ts'
import { until as waitUntil } from '../support/until.ts'

let server: Server
const running: RunningChatr[] = []

beforeAll(async () => {
  server = await startChatr()
})
afterAll(async () => {
  for (const chatr of running) chatr.stop()
  await server.remove()
})

/** The client as the browser has it, without its components. */
async function signIn(name: string): Promise<RunningChatr> {
  const { cookie, userId } = await signInRaw(server.url, name)
  const chatr = createChatr({
    me: { userId, userName: name, userProvider: 'guest' },
    fetch: (path, init) => fetch(server.url + path, { ...init, headers: { ...init.headers, cookie } }),
    storage: createTestStorage(),
    page: createTestPage().asPage,
    notifier: { show: () => undefined, ask: async () => 'unsupported' },
    tabs: { tellSignedOut: () => undefined, onSignedOut: () => undefined, close: () => undefined },
  })
  running.push(chatr)
  await chatr.start()
  return chatr
}

/** Resolves when it is true; after ten seconds says what was waited for. */
const until = (isTrue: () => boolean) => waitUntil(isTrue, () => String(isTrue))

const texts = ({ state }: RunningChatr, chatId: string) =>
  state.chats.get(chatId)?.log.entries.flatMap(({ kind, text }) => (kind === 'message' ? [text] : []))

describe('a restart of the server', () => {
  it('is survived: what was said meanwhile and what waited is there once', async () => {
    const ben = await signIn('Ben')
    const created = await ben.actions.createChat({ name: 'Tea', history: 'kept' })
    if (!created.ok) throw new Error(created.message)
    ben.actions.openChat(created.value)
    ben.actions.send(created.value, 'before')
    await until(() => texts(ben, created.value)?.length === 1)
    await server.stop('SIGKILL')
    // Outside of a browser the SDK drops the promise of what is sent while its socket dies.
    await until(() => ben.state.connection === 'offline')
    ben.actions.send(created.value, 'meanwhile')
    expect(ben.state.chats.get(created.value)?.pending.map(({ text }) => text)).toEqual(['meanwhile'])
    await server.startAgain()
    await until(() => ben.state.chats.get(created.value)?.pending.length === 0)
    expect(texts(ben, created.value)).toEqual(['before', 'meanwhile'])
    expect(ben.state.connection).toBe('online')
  })
})

describe('two people on a real server', () => {
  it('create, join, chat, read and remove a group chat', async () => {
    const [ben, mia] = [await signIn('Ben'), await signIn('Mia')]
    const created = await ben.actions.createChat({ name: 'Tea', history: 'kept' })
    if (!created.ok) throw new Error(created.message)
    const id = created.value
    await until(() => mia.state.chats.has(id) && ben.state.online.has(mia.state.me.userId))
    expect(await mia.actions.joinChat(id)).toEqual({ ok: true, value: undefined })
    ben.actions.openChat(id)
    mia.actions.openChat(id)
    await until(() => mia.state.chats.get(id)?.log.status === 'loaded')
    for (const text of ['one', 'two', 'three']) ben.actions.send(id, text)
    await until(() => texts(mia, id)?.length === 3 && ben.state.chats.get(id)?.pending.length === 0)
    expect([texts(ben, id), texts(mia, id)]).toEqual([
      ['one', 'two', 'three'],
      ['one', 'two', 'three'],
    ])
    expect(mia.state.chats.get(id)?.unread).toBe(3)
    mia.actions.markRead(id, mia.state.chats.get(id)?.rev ?? 0)
    expect(mia.state.chats.get(id)?.unread).toBe(0)
    mia.actions.signalTyping(id)
    await until(() => ben.state.chats.get(id)?.typing.size === 1)
    expect(await mia.actions.removeChat(id)).toMatchObject({ ok: false, code: 'Forbidden' })
    expect(await ben.actions.removeChat(id)).toEqual({ ok: true, value: undefined })
    await until(() => !mia.state.chats.has(id))
    expect(mia.state.popUps.map(({ text }) => text)).toContain('Tea was removed')
  })

  it('talk off the record, and nothing of it is stored', async () => {
    const [ben, mia] = [await signIn('Ben'), await signIn('Mia')]
    const begun = await ben.actions.createPrivateChat(mia.state.me.userId, 'off')
    if (!begun.ok) throw new Error(begun.message)
    await until(() => mia.state.popUps.some(({ kind }) => kind === 'private'))
    ben.actions.send(begun.value, 'psst')
    await until(() => mia.state.chats.get(begun.value)?.relayed.length === 1)
    await until(() => ben.state.chats.get(begun.value)?.relayed.length === 1)
    expect(mia.state.chats.get(begun.value)?.relayed[0]?.from.userName).toBe('Ben')
    expect(mia.state.chats.get(begun.value)?.log.entries).toEqual([])
  })
})
