import { isRefusal } from '../kit/client.ts'
import type { Answer } from '../kit/callback.ts'
import { type Context, json, protobuf } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { echo, expectHeaders, jsonAnswer, post, raw } from '../kit/upstream.ts'
import { area } from '../model.ts'

/** How an answer to an event reaches the client; undefined: the ack fails. */
const answers: [id: string, answer: Answer, message: string | undefined, evidence: string][] = [
  ['204', { status: 204 }, '', 'D'],
  ['200-empty', { status: 200 }, '', 'D'],
  ['text', { headers: { 'content-type': 'text/plain' }, body: 'x' }, '"dataType":"text","data":"x"', 'D'],
  [
    'json',
    { headers: { 'content-type': 'application/json' }, body: '{"n": 1.0}' },
    '"dataType":"json","data":{"n": 1.0}',
    'D',
  ],
  [
    'octets',
    { headers: { 'content-type': 'application/octet-stream' }, body: 'x' },
    '"dataType":"binary","data":"eA=="',
    'D',
  ],
  ['no-type', { body: 'x' }, '"dataType":"binary","data":"eA=="', 'D'],
  ['other-type', { headers: { 'content-type': 'application/xml' }, body: '<x/>' }, undefined, 'E'],
  ['404', { status: 404 }, undefined, 'E'],
  ['429', { status: 429 }, undefined, 'E'],
]

/** Answers to connect: what the client's handshake is answered with. */
const connectAnswers: [id: string, answer: Answer, status: number, evidence: string][] = [
  ['403', { status: 403 }, 403, 'D'],
  ['404', { status: 404 }, 404, 'D'],
  ['null', jsonAnswer('null'), 101, 'E'],
  ['text-type', { headers: { 'content-type': 'text/plain' }, body: '{"userId":"bob"}' }, 101, 'E'],
  ['broken-json', jsonAnswer('{'), 500, 'E'],
  ['bad-group', jsonAnswer('{"groups":[""]}'), 500, 'E'],
  ['null-in-list', jsonAnswer('{"roles":[null]}'), 500, 'E'],
  ['foreign-protocol', jsonAnswer('{"subprotocol":"not.offered"}'), 500, 'E'],
]

export const webhookAnswerCases = area('upstream wire', '10.1', [
  ...answers.map(([id, answer, message, evidence]) => ({
    id: `answer-${id}`,
    title: `an answer ${id.replace('-', ' ')} ${describe(message)}`,
    spec: '10.3',
    evidence,
    settings: raw.users,
    run: async (context: Context) => {
      context.callback.answer(post(answer))
      const client = await context.connect()
      client.send(echo)
      if (message) await client.expects(`{"type":"message","from":"server",${message}}`)
      await client.expects({ type: 'ack', ackId: 1, success: message !== undefined })
      await client.silence()
    },
  })),
  ...connectAnswers.map(([id, answer, status, evidence]) => ({
    id: `connect-${id}`,
    title: `connect answered with ${String(answer.body ?? answer.status)} makes the handshake ${status}`,
    spec: '3.3',
    evidence,
    settings: raw.connects,
    run: async (context: Context) => {
      context.callback.answer(post(answer))
      const client = await context.attempt()
      same(isRefusal(client) ? client.status : 101, status)
    },
  })),
  {
    id: 'connect-subprotocol',
    title: 'the subprotocol that connect answers is the one agreed on',
    spec: '3.2',
    evidence: 'D',
    settings: raw.connects,
    run: async (context) => {
      context.callback.answer(post(jsonAnswer(`{"subprotocol":"${json}"}`)))
      const client = await context.attempt({ protocols: [protobuf, json] })
      same(isRefusal(client) ? client.status : client.socket.protocol, json)
    },
  },
  {
    id: 'connect-custom-subprotocol',
    title: 'a custom subprotocol that connect chose makes a simple client',
    spec: '3.2',
    evidence: 'D',
    settings: raw.all,
    run: async (context) => {
      context.callback.answer(post(jsonAnswer('{"subprotocol":"custom.of.the.app"}')))
      const client = await context.connect({ protocols: ['custom.of.the.app'] })
      same(client.socket.protocol, 'custom.of.the.app')
      await context.service.sendToAll('bare', { contentType: 'text/plain' })
      await client.expects('bare')
      await context.until(() => context.callback.named('connected').length === 1, 'connected')
      expectHeaders(context.callback.named('connected')[0], { 'ce-subprotocol': 'custom.of.the.app' })
    },
  },
  {
    id: 'connect-empty-lists',
    title: 'roles [] take all roles away, groups [] keep those of the token',
    spec: '3.3',
    evidence: 'DE',
    settings: raw.connects,
    run: async (context) => {
      context.callback.answer(post(jsonAnswer('{"roles":[],"groups":[]}')))
      const client = await context.connect({ roles: ['webpubsub.joinLeaveGroup'], groups: ['lobby'] })
      client.send({ type: 'joinGroup', group: 'x', ackId: 1 })
      await client.expects({ ackId: 1, success: false })
      same(await context.service.groupExists('lobby'), true)
    },
  },
  {
    id: 'state',
    title: 'ce-connectionState is echoed until another one is set, and cleared by an empty one',
    spec: '10.6',
    evidence: 'D',
    settings: raw.users,
    run: async (context) => {
      const states = ['b25l', undefined, '']
      context.callback.answer((call) => {
        const state = call.method === 'OPTIONS' ? undefined : states.shift()
        if (call.method === 'OPTIONS') return undefined
        return { status: 204, headers: state === undefined ? {} : { 'ce-connectionState': state } }
      })
      const client = await context.connect()
      for (const n of [1, 2, 3, 4]) client.send(echo.replace('"ackId":1', `"ackId":${n}`))
      await client.skipTo({ ackId: 4 })
      const seen = context.callback.named('echo').map(({ headers }) => headers['ce-connectionstate'])
      same(seen, [undefined, 'b25l', 'b25l', undefined])
    },
  },
  {
    id: 'cookies',
    title: 'cookies of answers come back with later events of the same connection',
    evidence: 'E',
    settings: raw.users,
    run: async (context) => {
      context.callback.answer(post({ status: 204, headers: { 'set-cookie': ['a=1; Path=/', 'b=2'] } }))
      const client = await context.connect()
      client.send(echo, echo.replace('"ackId":1', '"ackId":2'))
      await client.skipTo({ ackId: 2 })
      const cookies = String(context.callback.named('echo')[1]?.headers.cookie)
      same(cookies.split('; ').toSorted(), ['a=1', 'b=2'])
    },
  },
  {
    id: 'retries',
    title: 'an answer of 503 is tried again with the same request id and ce-id',
    spec: '10.7',
    evidence: 'E',
    settings: raw.users,
    run: async (context) => {
      let count = 0
      context.callback.answer(({ method }) => {
        if (method === 'OPTIONS') return undefined
        count += 1
        return { status: count === 1 ? 503 : 204 }
      })
      const client = await context.connect()
      client.send(echo)
      await client.expects({ ackId: 1, success: true })
      const [one, two] = context.callback
        .named('echo')
        .map(({ headers }) => [headers['x-ms-client-request-id'], headers['ce-id']])
      same(two, one)
    },
  },
  {
    id: 'pong-while-waiting',
    title: 'a ping is answered while an event waits for its handler',
    spec: '13',
    evidence: 'R',
    edges: ['41'],
    settings: raw.users,
    run: async (context) => {
      let release = () => {}
      const gate = new Promise<void>((resolve) => {
        release = resolve
      })
      context.defer(() => release())
      context.callback.answer(async ({ method }) => {
        if (method === 'POST') await gate
        return method === 'POST' ? { status: 204 } : undefined
      })
      const client = await context.connect()
      client.send(echo, { type: 'ping' })
      await client.expects('{"type":"pong"}')
      release()
      await client.expects({ ackId: 1, success: true })
    },
  },
])

function describe(message: string | undefined): string {
  if (message === undefined) return 'fails the ack; the connection stays'
  return message === '' ? 'is acknowledged and sends nothing' : `arrives as ${message}`
}
