import { WebSocket } from 'ws'
import { isRefusal, open } from '../kit/client.ts'
import { type Context, json, protobuf, reliableJson, reliableProtobuf } from '../kit/context.ts'
import { matches, same } from '../kit/expect.ts'
import { area } from '../model.ts'

const custom = 'custom.of.the.app'

export const handshakeCases = area('handshake', '3', [
  ...[json, reliableJson, protobuf, reliableProtobuf].map((protocol) => ({
    id: `echoes-${protocol}`,
    title: `${protocol} is agreed on when it is offered`,
    spec: '3.2',
    evidence: 'D',
    run: (context: Context) => agrees(context, [protocol], protocol),
  })),
  {
    id: 'simple-without-protocol',
    title: 'without an offer no protocol is named and no frame comes first',
    spec: '3.2',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect({ protocols: [] })
      same(client.socket.protocol, '')
      await context.service.sendToAll('first', { contentType: 'text/plain' })
      await client.expects('first')
    },
  },
  {
    id: 'first-built-in-wins',
    title: 'of several built-in offers the first wins',
    spec: '3.2',
    evidence: 'E',
    run: (context) => agrees(context, [reliableJson, json], reliableJson),
  },
  {
    id: 'built-in-after-custom',
    title: 'a built-in offer behind an unknown one is taken',
    spec: '3.2',
    evidence: 'E',
    run: (context) => agrees(context, [custom, json], json),
  },
  {
    id: 'protocol-case',
    title: 'names of protocols are compared without case and answered in the spelling of the client',
    spec: '3.2',
    evidence: 'E',
    run: (context) => agrees(context, ['JSON.webpubsub.azure.v1'], 'JSON.webpubsub.azure.v1'),
  },
  {
    id: 'query-form',
    title: 'the address /client/?hub= is as good as /client/hubs/',
    spec: '1.1',
    evidence: 'D',
    run: async (context) => {
      const url = context.clientUrl().replace(`/client/hubs/${context.hub}?`, `/client/?hub=${context.hub}&`)
      await accepts(context, url)
    },
  },
  {
    id: 'query-form-blank',
    title: 'the address /client/?hub= without a hub is refused with 400',
    spec: '1.1',
    evidence: 'E',
    run: async (context) => {
      const url = new URL('/client/?hub=', context.target.endpoint).href.replace(/^http/, 'ws')
      const answer = await open({ url, patienceMs: context.patienceMs })
      same(isRefusal(answer) ? answer.status : 101, 400)
    },
  },
  {
    id: 'not-an-upgrade',
    title: 'an ordinary GET on a client path is answered with 400',
    spec: '1.1',
    evidence: 'E',
    run: async (context) => {
      const response = await fetch(context.clientUrl().replace(/^ws/, 'http'))
      same(response.status, 400)
    },
  },
  ...['1hub', '_hub', 'hub-1', `a${'b'.repeat(128)}`].map((hub) => ({
    id: `hub-name-${hub.slice(0, 8)}`,
    title: `a hub named ${hub.length > 20 ? 'by 129 characters' : hub} is refused with 400 before its token is looked at`,
    spec: '3.1',
    evidence: 'E',
    run: async (context: Context) => {
      const refusal = await context.refused(400, { hub, token: null })
      matches(refusal.body, /Invalid hub name\./)
    },
  })),
  {
    id: 'hub-name-all-characters',
    title: 'a hub name may have digits and _ ` , . [ ] behind its first letter',
    spec: '1.2',
    evidence: 'O',
    run: async (context) => {
      const hub = `${context.hub}_1\`,.[]`
      const client = await context.attempt({
        hub: encodeURI(hub),
        token: context.token({ aud: context.audience(hub) }),
      })
      same(isRefusal(client) ? client.status : 101, 101)
    },
  },
  {
    id: 'hub-case',
    title: 'hub names are compared without case',
    spec: '1.2',
    evidence: 'E',
    edges: ['38'],
    run: async (context) => {
      const client = await context.connect({ hub: context.hub.toUpperCase() })
      await context.service.sendToAll('here', { contentType: 'text/plain' })
      await client.expects('{"type":"message","from":"server","dataType":"text","data":"here"}')
    },
  },
  {
    id: 'connected-frame',
    title: 'connected is the first frame and has type, event, userId and connectionId in this order',
    spec: '5.4',
    evidence: 'D',
    edges: ['2'],
    run: async (context) => {
      const client = await context.attempt({ userId: 'alice' })
      if (isRefusal(client)) throw new Error(`refused with ${client.status}`)
      const text = String(await client.next())
      const { connectionId } = JSON.parse(text) as { connectionId: string } // compared as text right below
      same(text, `{"type":"system","event":"connected","userId":"alice","connectionId":"${connectionId}"}`)
    },
  },
  {
    id: 'connected-without-user',
    title: 'connected names a null user when there is none',
    spec: '5.4',
    evidence: 'E',
    run: async (context) => {
      const { connected } = await context.connect()
      same(connected, { type: 'system', event: 'connected', userId: null, connectionId: connected['connectionId'] })
    },
  },
  {
    id: 'connection-id',
    title: 'connection ids are unique and safe in a path',
    spec: '1.2',
    evidence: 'W',
    run: async (context) => {
      const [one, two] = await Promise.all([context.connect(), context.connect()])
      matches(one.connectionId, /^[\w-]{16,}$/)
      same(one.connectionId === two.connectionId, false)
    },
  },
  {
    id: 'token-groups-before-connected',
    title: 'who hears of a message to a group of his token hears connected first',
    spec: '13',
    evidence: 'DE',
    edges: ['2', '3', '21'],
    run: async (context) => {
      const sending = setInterval(() => void context.rest('POST', '/groups/lobby/:send', { body: 'x' }), 5)
      context.defer(() => clearInterval(sending))
      for (let round = 0; round < 5; round += 1) {
        const client = await context.connect({ groups: ['lobby'] })
        same(client.connected['event'], 'connected')
        await client.expects({ from: 'group', group: 'lobby' })
        client.socket.terminate()
      }
    },
  },
  {
    id: 'compression',
    title: 'a client that offers permessage-deflate can talk',
    spec: '3.1',
    evidence: 'K',
    run: async (context) => {
      const socket = new WebSocket(context.clientUrl(), json, { perMessageDeflate: true })
      context.defer(() => socket.terminate())
      const first = await new Promise<string>((resolve, reject) => {
        socket.on('message', (data: Buffer) => resolve(data.toString()))
        socket.on('error', reject)
      })
      matches(first, /"event":"connected"/)
    },
  },
])

async function agrees(context: Context, protocols: string[], agreed: string): Promise<void> {
  const client = await context.attempt({ protocols })
  same(isRefusal(client) ? `refused with ${client.status}` : client.socket.protocol, agreed)
}

async function accepts(context: Context, url: string): Promise<void> {
  const client = await open({ url, protocols: [json], patienceMs: context.patienceMs })
  if (isRefusal(client)) throw new Error(`refused with ${client.status} ${client.body}`)
  context.defer(() => client.socket.terminate())
  await client.expects({ event: 'connected' })
}
