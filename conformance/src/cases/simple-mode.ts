import { type Context, json, maySend } from '../kit/context.ts'
import { matches } from '../kit/expect.ts'
import { area } from '../model.ts'

const echo = { handlers: [{ name: 'express', userEventPattern: '*' }] } as const

export const simpleModeCases = area('simple clients', '4', [
  {
    id: 'mode-send-text',
    title: 'with webpubsub_mode=sendToGroup a text frame is published to the group as text',
    spec: '4.1',
    evidence: 'DE',
    run: async (context) => {
      const reader = await context.connect({ groups: ['lobby'] })
      const client = await simple(context, {
        userId: 'alice',
        roles: [maySend],
        query: mode('sendToGroup&group=lobby'),
      })
      client.send('hi')
      const text =
        '{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"text","data":"hi"}'
      await reader.expects(text)
    },
  },
  {
    id: 'mode-send-binary',
    title: 'with webpubsub_mode=sendToGroup a binary frame is published as binary',
    spec: '4.1',
    evidence: 'DE',
    run: async (context) => {
      const reader = await context.connect({ groups: ['lobby'] })
      const client = await simple(context, { roles: [maySend], query: mode('sendToGroup&group=lobby') })
      client.send(Buffer.from([1, 2, 3]))
      await reader.expects({ from: 'group', dataType: 'binary', data: 'AQID' })
    },
  },
  {
    id: 'mode-case',
    title: 'the value of webpubsub_mode is compared without case',
    spec: '4.1',
    evidence: 'DE',
    run: async (context) => {
      const reader = await context.connect({ groups: ['lobby'] })
      const client = await simple(context, { roles: [maySend], query: mode('SENDTOGROUP&group=lobby') })
      client.send('hi')
      await reader.expects({ from: 'group', data: 'hi' })
    },
  },
  {
    id: 'mode-does-not-join',
    title: 'webpubsub_mode=sendToGroup does not join the group',
    spec: '4.1',
    evidence: 'DE',
    run: async (context) => {
      const client = await simple(context, { roles: [maySend], query: mode('sendToGroup&group=lobby') })
      client.send('not back to me')
      await context.service.sendToAll('marker', { contentType: 'text/plain' })
      await client.expects('marker')
    },
  },
  ...(['true', 'false'] as const).map((noEcho) => ({
    id: `mode-no-echo-${noEcho}`,
    title: `webpubsub_mode with noEcho=${noEcho} ${noEcho === 'true' ? 'leaves out' : 'does not leave out'} the sender`,
    spec: '4.1',
    evidence: 'DE',
    run: async (context: Context) => {
      const query = mode(`sendToGroup&group=lobby&noEcho=${noEcho}`)
      const client = await simple(context, { roles: [maySend], groups: ['lobby'], query })
      const reader = await context.connect({ groups: ['lobby'] })
      client.send('hi')
      await reader.expects({ data: 'hi' })
      await context.service.sendToAll('marker', { contentType: 'text/plain' })
      if (noEcho === 'false') await client.expects('hi')
      await client.expects('marker')
    },
  })),
  {
    id: 'mode-forbidden',
    title: 'webpubsub_mode=sendToGroup without the permission closes with 1008 at the first frame',
    spec: '4.1',
    evidence: 'E',
    run: async (context) => {
      const client = await simple(context, { query: mode('sendToGroup&group=lobby') })
      client.send('hi')
      await client.expectsClose(1008)
    },
  },
  ...(
    [
      ['mode-without-group', 'sendToGroup'],
      ['mode-unknown', 'shout'],
      ['mode-bad-no-echo', 'sendToGroup&group=lobby&noEcho=maybe'],
    ] as const
  ).map(([id, query]) => ({
    id,
    title: `webpubsub_mode=${query} is refused with 400 and a text`,
    spec: '4.1',
    evidence: 'DE',
    run: async (context: Context) => {
      const refusal = await context.refused(400, { protocols: [], query: mode(query) })
      matches(refusal.body, /\S/, 'explanation')
    },
  })),
  {
    id: 'mode-last-counts',
    title: 'of a repeated group parameter the last counts',
    spec: '4.1',
    evidence: 'E',
    run: async (context) => {
      const reader = await context.connect({ groups: ['last'] })
      const client = await simple(context, { roles: [maySend], query: mode('sendToGroup&group=first&group=last') })
      client.send('hi')
      await reader.expects({ group: 'last', data: 'hi' })
    },
  },
  {
    id: 'mode-only-simple',
    title: 'webpubsub_mode does not concern clients of a subprotocol',
    spec: '3.1',
    evidence: 'E',
    run: async (context) => {
      const client = await context.connect({ protocols: [json], query: mode('shout') })
      await client.silence()
    },
  },
  {
    id: 'mode-send-event',
    title: 'webpubsub_mode=sendEvent is the default: frames go to the handler',
    spec: '4.1',
    evidence: 'DE',
    settings: echo,
    run: async (context) => {
      context.callback.express({
        handleUserEvent: (request, response) => response.success(`heard ${String(request.data)}`, 'text'),
      })
      const client = await simple(context, { query: mode('sendEvent') })
      client.send('hi')
      await client.expects('heard hi')
    },
  },
])

const mode = (value: string) => `&webpubsub_mode=${value}`

const simple = (context: Context, options: Parameters<Context['connect']>[0] = {}) =>
  context.connect({ ...options, protocols: [] })
