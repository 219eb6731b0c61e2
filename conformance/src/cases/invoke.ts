import type { WebPubSubEventHandlerOptions } from '@azure/web-pubsub-express'
import type { Context } from '../kit/context.ts'
import { includes, rejects, same } from '../kit/expect.ts'
import { beginNewest, beginOlder } from '../kit/sdk.ts'
import { area } from '../model.ts'

const settings = { handlers: [{ name: 'express', userEventPattern: '*' }] } as const
const failed = '"success":false,"error":{"name":"InternalServerError"'

/** Answers by the type it was asked in; `fail` fails, `nothing` answers nothing, `slow` after a while. */
const answering: WebPubSubEventHandlerOptions = {
  handleUserEvent({ context, data, dataType }, response) {
    if (context.eventName === 'fail') return response.fail(400, 'no')
    if (context.eventName === 'nothing') return response.success()
    const answer = dataType === 'json' ? JSON.stringify({ heard: data }) : `heard ${data as string}`
    const reply = () => response.success(answer, dataType === 'json' ? 'json' : 'text')
    if (context.eventName === 'slow') setTimeout(reply, 500)
    else reply()
  },
}

export const invokeCases = area('invoke', '5.5', [
  {
    id: 'text',
    title: 'an invocation is answered with the text of the handler, and with no message',
    evidence: 'R',
    settings,
    run: async (context) => {
      const client = await asking(context)
      client.send(
        '{"type":"invoke","invocationId":"1","target":"event","event":"lookup","dataType":"text","data":"key"}',
      )
      await client.expects(
        '{"type":"invokeResponse","invocationId":"1","success":true,"dataType":"text","data":"heard key"}',
      )
      await client.silence()
    },
  },
  {
    id: 'json',
    title: 'an invocation with JSON is answered with JSON',
    evidence: 'R',
    settings,
    run: async (context) => {
      const client = await asking(context)
      client.send(
        '{"type":"invoke","invocationId":"a-b","target":"event","event":"lookup","dataType":"json","data":{"k":1}}',
      )
      await client.expects(
        '{"type":"invokeResponse","invocationId":"a-b","success":true,"dataType":"json","data":{"heard":{"k":1}}}',
      )
    },
  },
  {
    id: 'empty-answer',
    title: 'an empty answer of the handler is a success without dataType and data',
    evidence: 'R',
    settings,
    run: async (context) => {
      const client = await asking(context)
      client.send(
        '{"type":"invoke","invocationId":"1","target":"event","event":"nothing","dataType":"text","data":"x"}',
      )
      await client.expects('{"type":"invokeResponse","invocationId":"1","success":true}')
    },
  },
  {
    id: 'no-data',
    title: 'dataType and data may be absent together',
    evidence: 'K',
    settings,
    run: async (context) => {
      const client = await asking(context)
      client.send('{"type":"invoke","invocationId":"1","target":"event","event":"nothing"}')
      await client.expects({ type: 'invokeResponse', invocationId: '1', success: true })
    },
  },
  {
    id: 'failure',
    title: 'a handler that fails makes it fail with InternalServerError',
    evidence: 'R',
    settings,
    run: async (context) => {
      const client = await asking(context)
      client.send('{"type":"invoke","invocationId":"1","target":"event","event":"fail","dataType":"text","data":"x"}')
      const got = String(await client.next())
      same(
        got.slice(0, got.indexOf('"InternalServerError"') + 21),
        `{"type":"invokeResponse","invocationId":"1",${failed}`,
      )
    },
  },
  {
    id: 'unhandled',
    title: 'an invocation that nobody handles fails with InternalServerError; the connection stays',
    evidence: 'R',
    run: async (context) => {
      const client = await context.connect()
      client.send('{"type":"invoke","invocationId":"1","target":"event","event":"lookup","dataType":"text","data":"x"}')
      await client.expects({ invocationId: '1', success: false, error: { name: 'InternalServerError' } })
      await client.silence()
    },
  },
  {
    id: 'cancel',
    title: 'the result of a cancelled invocation is dropped',
    evidence: 'R',
    settings,
    run: async (context) => {
      const client = await asking(context)
      client.send('{"type":"invoke","invocationId":"1","target":"event","event":"slow","dataType":"text","data":"x"}')
      client.send('{"type":"cancelInvocation","invocationId":"1"}')
      await context.until(() => context.callback.named('slow').length === 1, 'the call of the handler')
      client.send('{"type":"invoke","invocationId":"2","target":"event","event":"slow","dataType":"text","data":"y"}')
      await client.expects({ invocationId: '2', success: true, data: 'heard y' })
    },
  },
  {
    id: 'cancel-unknown',
    title: 'cancelling an unknown invocation does nothing',
    evidence: 'R',
    run: async (context) => {
      const client = await context.connect()
      client.send('{"type":"cancelInvocation","invocationId":"99"}')
      await client.silence()
    },
  },
  ...(
    [
      ['no-id', '{"type":"invoke","target":"event","event":"lookup","dataType":"text","data":"x"}'],
      ['no-target', '{"type":"invoke","invocationId":"1","event":"lookup","dataType":"text","data":"x"}'],
      ['target', '{"type":"invoke","invocationId":"1","target":"moon","event":"lookup","dataType":"text","data":"x"}'],
      ['no-event', '{"type":"invoke","invocationId":"1","target":"event","dataType":"text","data":"x"}'],
    ] as const
  ).map(([id, frame]) => ({
    id: `broken-${id}`,
    title: `${frame} closes with 1007`,
    evidence: 'R',
    run: async (context: Context) => {
      const client = await context.connect()
      client.send(frame)
      await client.expectsClose(1007)
    },
  })),
  ...[beginNewest, beginOlder].map((begin) => ({
    id: `sdk-${begin === beginNewest ? '1.1.0' : '1.0.4'}`,
    title: `invokeEvent of the client ${begin === beginNewest ? '1.1.0' : '1.0.4'} resolves, fails and can be aborted`,
    evidence: 'K',
    settings,
    run: async (context: Context) => {
      context.callback.express(answering)
      const client = await begin(context, { userId: 'alice' })
      includes(await client.invokeEvent('lookup', { k: 1 }, 'json'), { dataType: 'json', data: { heard: { k: 1 } } })
      includes(await client.invokeEvent('lookup', 'key', 'text'), { dataType: 'text', data: 'heard key' })
      includes(await client.invokeEvent('nothing', 'x', 'text'), { dataType: undefined, data: undefined })
      includes(await rejects(client.invokeEvent('fail', 'x', 'text')), { name: 'InvocationError' })
      const abort = AbortSignal.timeout(100)
      await rejects(client.invokeEvent('slow', 'x', 'text', { abortSignal: abort }), 'the aborted invocation')
      includes(await client.invokeEvent('lookup', 'still', 'text'), { data: 'heard still' })
    },
  })),
])

async function asking(context: Context) {
  context.callback.express(answering)
  return context.connect({ userId: 'alice' })
}
