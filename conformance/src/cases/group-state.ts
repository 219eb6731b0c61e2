import { type Context, mayAll } from '../kit/context.ts'
import { matches, same } from '../kit/expect.ts'
import { area } from '../model.ts'

const ok = (ackId: number) => ({ type: 'ack', ackId, success: true })
const subscribe = { type: 'subscribeGroupState', group: 'lobby', ackId: 1 }
const set = (state?: object) => ({ type: 'setGroupState', group: 'lobby', ackId: 2, ...(state ? { state } : {}) })

export const groupStateCases = area('group state', '5.7', [
  {
    id: 'snapshot-empty',
    title: 'a subscription is acknowledged and answered with a snapshot, empty where nobody set anything',
    evidence: 'R',
    run: async (context) => {
      const client = await context.connect({ roles: mayAll, groups: ['lobby'] })
      client.send(subscribe)
      await client.expectsAll(
        '{"type":"ack","ackId":1,"success":true}',
        '{"type":"groupStateSnapshot","group":"lobby","items":[]}',
      )
    },
  },
  {
    id: 'snapshot',
    title: 'a snapshot lists connectionId, userId, state and updatedAt of each who set a state',
    evidence: 'R',
    run: async (context) => {
      const { setter } = await setting(context)
      const client = await context.connect({ roles: mayAll, groups: ['lobby'] })
      client.send(subscribe)
      const { items } = await client.skipTo({ type: 'groupStateSnapshot' })
      const text = JSON.stringify(items)
      matches(text, /^\[\{"connectionId":"[\w-]+","userId":"alice","state":\{"k":"v"\},"updatedAt":\d{13}\}\]$/)
      same(text.includes(setter.connectionId), true)
    },
  },
  {
    id: 'update',
    title: 'a later state reaches the subscribers as an update',
    evidence: 'R',
    run: async (context) => {
      const { setter, reader } = await subscribed(context)
      setter.send(set({ k: 'new' }))
      await setter.expects(ok(2))
      const update = await reader.skipTo({ type: 'groupStateUpdate' })
      matches(JSON.stringify(update), /^\{"type":"groupStateUpdate","group":"lobby","items":\[\{"connectionId":/)
      matches(JSON.stringify(update), /"state":\{"k":"new"\}/)
    },
  },
  {
    id: 'clear',
    title: 'a state that is cleared reaches the subscribers as an item without state',
    evidence: 'R',
    run: async (context) => {
      const { setter, reader } = await subscribed(context)
      setter.send(set({ k: 'v' }), { ...set(), ackId: 3 })
      await reader.skipTo({ type: 'groupStateUpdate' })
      const { items } = await reader.skipTo({ type: 'groupStateUpdate' })
      const item = (items as object[])[0] ?? {} // an update has a list of items
      same('state' in item, false, JSON.stringify(items))
    },
  },
  {
    id: 'gone',
    title: 'the state of a connection goes with it',
    evidence: 'R',
    run: async (context) => {
      const { setter, reader } = await subscribed(context)
      setter.send(set({ k: 'v' }))
      await reader.skipTo({ type: 'groupStateUpdate' })
      setter.socket.close()
      const { items } = await reader.skipTo({ type: 'groupStateUpdate' })
      same(JSON.stringify(items).includes('"state"'), false)
    },
  },
  {
    id: 'unsubscribe',
    title: 'who unsubscribed hears no more',
    evidence: 'R',
    run: async (context) => {
      const { setter, reader } = await subscribed(context)
      reader.send({ type: 'unsubscribeGroupState', group: 'lobby', ackId: 9 })
      await reader.skipTo({ type: 'ack', ackId: 9 })
      setter.send(set({ k: 'v' }))
      await setter.expects(ok(2))
      await reader.silence()
    },
  },
  {
    id: 'forbidden',
    title: 'who has no permission for the group may neither set nor subscribe',
    evidence: 'R',
    run: async (context) => {
      const client = await context.connect()
      client.send(subscribe)
      await client.expects({ ackId: 1, success: false, error: { name: 'Forbidden' } })
      client.send(set({ k: 'v' }))
      await client.expects({ ackId: 2, success: false, error: { name: 'Forbidden' } })
    },
  },
])

async function setting(context: Context) {
  const setter = await context.connect({ userId: 'alice', roles: mayAll, groups: ['lobby'] })
  setter.send(set({ k: 'v' }))
  await setter.skipTo({ type: 'ack', ackId: 2 })
  return { setter }
}

async function subscribed(context: Context) {
  const setter = await context.connect({ userId: 'alice', roles: mayAll, groups: ['lobby'] })
  const reader = await context.connect({ roles: mayAll, groups: ['lobby'] })
  reader.send(subscribe)
  await reader.skipTo({ type: 'groupStateSnapshot' })
  return { setter, reader }
}
