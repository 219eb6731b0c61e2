import { type Context, mayAll, maySend, reliableJson } from '../kit/context.ts'
import { includes, rejects, same } from '../kit/expect.ts'
import { beginNewest } from '../kit/sdk.ts'
import { area } from '../model.ts'

const start = '{"type":"sendToGroup","group":"lobby","noEcho":true,"stream":{"streamId":"s1","idleTimeoutMs":60000}}'
const ack = (expected: number) => `{"type":"streamAck","streamId":"s1","expectedSequenceId":${expected}}`
const data = (sequence: number, text: string) =>
  `{"type":"streamData","streamId":"s1","streamSequenceId":${sequence},"dataType":"text","data":"${text}"}`
const heard = (sequence: number, text: string, more = '') =>
  `{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"text","data":"${text}",` +
  `"stream":{"streamId":"s1","streamSequenceId":${sequence}${more}}}`

export const streamCases = area('streams', '5.6', [
  {
    id: 'whole',
    title: 'a stream is acknowledged, fragment by fragment delivered, and ended',
    evidence: 'KD',
    run: async (context) => {
      const { writer, reader } = await streaming(context)
      writer.send(start)
      await writer.expects(ack(1))
      writer.send(data(1, 'Hel'))
      await writer.expects(ack(2))
      writer.send(data(2, 'lo'))
      await writer.expects(ack(3))
      writer.send('{"type":"streamEnd","streamId":"s1"}')
      await writer.expects('{"type":"streamClosed","streamId":"s1"}')
      await reader.expects(heard(1, 'Hel'))
      await reader.expects(heard(2, 'lo'))
      await reader.expects(heard(3, '', ',"endOfStream":true'))
    },
  },
  {
    id: 'user-error',
    title: 'an end with an error reaches the readers as UserError with its code',
    evidence: 'KD',
    run: async (context) => {
      const { writer, reader } = await streaming(context)
      writer.send(start, '{"type":"streamEnd","streamId":"s1","error":{"message":"gave up","userErrorCode":"APP_42"}}')
      await writer.expects(ack(1))
      await writer.expects('{"type":"streamClosed","streamId":"s1"}')
      await reader.expects(
        heard(1, '', ',"endOfStream":true,"error":{"name":"UserError","message":"gave up","userErrorCode":"APP_42"}'),
      )
    },
  },
  {
    id: 'sequence-id-and-stream',
    title: 'a reliable reader gets sequenceId before stream',
    evidence: 'KD',
    run: async (context) => {
      const { writer } = await streaming(context)
      const reader = await context.connect({ protocols: [reliableJson], groups: ['lobby'] })
      writer.send(start, data(1, 'Hel'))
      await reader.expects(
        '{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"text","data":"Hel","sequenceId":1,"stream":{"streamId":"s1","streamSequenceId":1}}',
      )
    },
  },
  {
    id: 'duplicate',
    title: 'a fragment that came before is acknowledged again and not published',
    evidence: 'KD',
    run: async (context) => {
      const { writer, reader } = await streaming(context)
      writer.send(start, data(1, 'a'), data(1, 'again'), data(2, 'b'))
      await writer.skipTo({ type: 'streamAck', expectedSequenceId: 3 })
      await reader.expects(heard(1, 'a'))
      await reader.expects(heard(2, 'b'))
    },
  },
  {
    id: 'gap',
    title: 'a fragment too far ahead is answered with InvalidSequenceId and the number expected',
    evidence: 'KD',
    run: async (context) => {
      const { writer, reader } = await streaming(context)
      writer.send(start, data(3, 'c'))
      await writer.expects(ack(1))
      await writer.expects({ type: 'streamNack', streamId: 's1', expectedSequenceId: 1, name: 'InvalidSequenceId' })
      writer.send(data(1, 'a'))
      await writer.expects(ack(2))
      await reader.expects(heard(1, 'a'))
    },
  },
  {
    id: 'keep-alive',
    title: 'a streamData with the id alone is no fragment',
    evidence: 'K',
    run: async (context) => {
      const { writer, reader } = await streaming(context)
      writer.send(start, '{"type":"streamData","streamId":"s1"}', data(1, 'a'))
      await writer.skipTo({ type: 'streamAck', expectedSequenceId: 2 })
      await reader.expects(heard(1, 'a'))
    },
  },
  {
    id: 'idle',
    title: 'an idle stream is closed for its writer and its readers with IdleTimeout',
    evidence: 'KD',
    run: async (context) => {
      const { writer, reader } = await streaming(context)
      writer.send('{"type":"sendToGroup","group":"lobby","stream":{"streamId":"s1","idleTimeoutMs":300}}')
      await writer.expects(ack(1))
      await writer.expects({ type: 'streamClosed', streamId: 's1', error: { name: 'IdleTimeout' } })
      await reader.expects({ data: '', stream: { streamId: 's1', endOfStream: true, error: { name: 'IdleTimeout' } } })
    },
  },
  {
    id: 'forbidden',
    title: 'a stream to a group without permission is closed with Forbidden',
    evidence: 'KD',
    run: async (context) => {
      const writer = await context.connect()
      writer.send(start)
      await writer.expects({ type: 'streamClosed', streamId: 's1', error: { name: 'Forbidden' } })
      await writer.silence()
    },
  },
  ...[
    '{"type":"streamData","streamId":"s9","streamSequenceId":1,"data":1}',
    '{"type":"streamEnd","streamId":"s9"}',
  ].map((frame) => ({
    id: `unknown-${frame.includes('End') ? 'end' : 'data'}`,
    title: `${frame} of an unknown stream is answered with StreamNotFound`,
    evidence: 'KD',
    run: async (context: Context) => {
      const writer = await context.connect({ roles: [maySend] })
      writer.send(frame)
      await writer.expects({ type: 'streamClosed', streamId: 's9', error: { name: 'StreamNotFound' } })
    },
  })),
  {
    id: 'reuse',
    title: 'a stream id may be used again after its end',
    evidence: 'D',
    run: async (context) => {
      const { writer } = await streaming(context)
      for (let round = 0; round < 2; round += 1) {
        writer.send(start, '{"type":"streamEnd","streamId":"s1"}')
        await writer.expects(ack(1))
        await writer.expects('{"type":"streamClosed","streamId":"s1"}')
      }
    },
  },
  {
    id: 'no-echo',
    title: 'noEcho of the start holds for every fragment',
    evidence: 'D',
    run: async (context) => {
      const writer = await context.connect({ userId: 'alice', roles: mayAll, groups: ['lobby'] })
      writer.send(start, data(1, 'a'))
      await writer.expects(ack(1))
      await writer.expects(ack(2))
      await writer.silence()
    },
  },
  {
    id: 'echo',
    title: 'without noEcho a writer who is a member hears himself',
    evidence: 'D',
    run: async (context) => {
      const writer = await context.connect({ userId: 'alice', roles: mayAll, groups: ['lobby'] })
      writer.send(start.replace('true', 'false'), data(1, 'a'))
      await writer.expects(ack(1))
      await writer.expectsAll(heard(1, 'a'), ack(2))
    },
  },
  {
    id: 'scope',
    title: 'stream ids are known per connection',
    evidence: 'D',
    run: async (context) => {
      const { writer } = await streaming(context)
      const other = await context.connect({ roles: [maySend] })
      writer.send(start)
      await writer.expects(ack(1))
      other.send(data(1, 'x'))
      await other.expects({ type: 'streamClosed', error: { name: 'StreamNotFound' } })
    },
  },
  {
    id: 'writer-gone',
    title: 'the end of the connection of the writer ends the stream with Cancelled',
    evidence: 'R',
    run: async (context) => {
      const { writer, reader } = await streaming(context)
      writer.send(start, data(1, 'a'))
      await reader.expects(heard(1, 'a'))
      writer.socket.close()
      await reader.expects({ stream: { streamId: 's1', endOfStream: true, error: { name: 'Cancelled' } } })
    },
  },
  {
    id: 'sdk',
    title: 'openGroupStream of the client 1.1.0 is read whole by onGroupStream',
    evidence: 'K',
    run: async (context) => {
      const reader = await beginNewest(context, { userId: 'bob', groups: ['lobby'] })
      const parts: unknown[] = []
      let isWhole = false
      reader.onGroupStream(async (stream) => {
        for await (const { data } of stream) parts.push(data)
        isWhole = true
      })
      const writer = await beginNewest(context, { userId: 'alice', roles: [maySend] })
      const stream = await writer.openGroupStream('lobby', { streamId: 's1' })
      await stream.write('Hel', 'text')
      await stream.write({ j: 1 }, 'json')
      await stream.write(new Uint8Array([1, 2]).buffer, 'binary')
      await stream.end()
      await context.until(() => isWhole, 'the end of the stream at the reader')
      same(parts.slice(0, 2), ['Hel', { j: 1 }])
      same([...new Uint8Array(parts[2] as ArrayBuffer)], [1, 2]) // binary data is handed out as such
    },
  },
  {
    id: 'sdk-abort',
    title: 'abort of the client 1.1.0 makes the reader fail with UserError',
    evidence: 'K',
    run: async (context) => {
      const reader = await beginNewest(context, { userId: 'bob', groups: ['lobby'] })
      const failed = new Promise<unknown>((resolve) => {
        reader.onGroupStream(async (stream) => {
          try {
            for await (const message of stream) same(message.data, 'Hel')
            resolve('a whole stream')
          } catch (error) {
            resolve(error)
          }
        })
      })
      const writer = await beginNewest(context, { userId: 'alice', roles: [maySend] })
      const stream = await writer.openGroupStream('lobby')
      await stream.write('Hel', 'text')
      await stream.abort({ message: 'gave up', userErrorCode: 'APP_42' })
      includes(await failed, { message: 'gave up' })
    },
  },
  {
    id: 'sdk-forbidden',
    title: 'openGroupStream of the client 1.1.0 without permission rejects',
    evidence: 'K',
    run: async (context) => {
      const writer = await beginNewest(context, { userId: 'alice' })
      await rejects(writer.openGroupStream('lobby'))
    },
  },
  {
    id: 'sdk-recovery',
    title: 'a stream of the client 1.1.0 goes on after its socket was cut, with nothing lost or twice',
    spec: '6.4',
    evidence: 'R',
    edges: ['19a'],
    run: async (context) => {
      const proxy = await context.proxy()
      const reader = await context.connect({ groups: ['lobby'] })
      const writer = await beginNewest(context, { userId: 'alice', roles: [maySend], proxy })
      const stream = await writer.openGroupStream('lobby', { streamId: 's1' })
      await stream.write('1', 'text')
      await reader.expects(heard(1, '1'))
      proxy.cut()
      await stream.write('2', 'text')
      await stream.write('3', 'text')
      await stream.end()
      await reader.expects(heard(2, '2'))
      await reader.expects(heard(3, '3'))
      await reader.expects(heard(4, '', ',"endOfStream":true'))
    },
  },
])

async function streaming(context: Context) {
  const reader = await context.connect({ groups: ['lobby'] })
  const writer = await context.connect({ userId: 'alice', roles: [maySend] })
  return { reader, writer }
}
