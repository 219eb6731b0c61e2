import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { buildFrame, openRawWebSocket, type RawWebSocket } from '../src/testing/raw-client.ts'
import { binary, close, fragments, opcodes, ping, pong, text } from './run-case.ts'
import { clientPath, startSubject, type Subject, upgradeTo } from './subject.ts'

let subject: Subject
beforeAll(async () => {
  subject = await startSubject()
})
afterAll(() => subject[Symbol.asyncDispose]())

/** Bytes that a client sends, and the payloads that come back in data frames and pongs, in order. */
const streams: Record<string, { bytes: Buffer; answers: string[] }> = {
  'a text': { bytes: text('hello'), answers: ['hello'] },
  'a text of characters of all lengths': { bytes: text('aä€🙂'), answers: ['aä€🙂'] },
  'a text with a length of 16 bits': { bytes: text('x'.repeat(130)), answers: ['x'.repeat(130)] },
  'a text with a length of 64 bits': {
    bytes: buildFrame({ opcode: opcodes.text, payload: 'y'.repeat(40), lengthBits: 64 }),
    answers: ['y'.repeat(40)],
  },
  'a ping': { bytes: ping('are you there?'), answers: ['are you there?'] },
  'a pong and a text': { bytes: Buffer.concat([pong('unasked'), text('a')]), answers: ['a'] },
  'three fragments': { bytes: Buffer.concat(fragments(opcodes.text, ['one', 'two', '€'])), answers: ['onetwo€'] },
  'fragments around a ping': {
    bytes: Buffer.concat(
      fragments(opcodes.binary, ['one', 'two'])
        .flatMap((frame) => [frame, ping('p')])
        .slice(0, 3),
    ),
    answers: ['p', 'onetwo'],
  },
  'three messages': { bytes: Buffer.concat([text('a'), binary('bc'), text('def')]), answers: ['a', 'bc', 'def'] },
}

/** Sends `pieces`; each is known to be read before the next is sent, as the server answered a ping just before it. */
async function sendApart(webSocket: RawWebSocket, pieces: Buffer[]): Promise<void> {
  const [first = Buffer.alloc(0), ...others] = pieces
  webSocket.socket.write(Buffer.concat([ping('read'), first]))
  expect((await webSocket.nextFrame())?.payload.toString()).toBe('read')
  for (const piece of others) {
    webSocket.socket.write(piece)
    await new Promise(setImmediate)
  }
}

async function nextPayloads(webSocket: RawWebSocket, count: number): Promise<(string | undefined)[]> {
  const payloads: (string | undefined)[] = []
  while (payloads.length < count) payloads.push((await webSocket.nextFrame())?.payload.toString())
  return payloads
}

describe('frames in two segments', () => {
  for (const [name, { bytes, answers }] of Object.entries(streams)) {
    it(`reads ${name} cut at each byte`, async () => {
      const webSocket = await openRawWebSocket(subject.port, upgradeTo(clientPath(subject)))
      for (let cut = 1; cut < bytes.length; cut++) {
        await sendApart(webSocket, [bytes.subarray(0, cut), bytes.subarray(cut)])
        expect({ cut, payloads: await nextPayloads(webSocket, answers.length) }).toEqual({ cut, payloads: answers })
      }
      webSocket.socket.destroy()
    })
  }

  it('reads the head of a frame of 65,536 bytes cut at each byte', async () => {
    const bytes = binary(Buffer.alloc(65_536, 'z'))
    const webSocket = await openRawWebSocket(subject.port, upgradeTo(clientPath(subject)))
    for (const cut of [...Array(20).keys(), 16_384, 65_535, 65_536, bytes.length - 1].filter((cut) => cut > 0)) {
      await sendApart(webSocket, [bytes.subarray(0, cut), bytes.subarray(cut)])
      const frame = await webSocket.nextFrame()
      expect({ cut, length: frame?.payload.length }).toEqual({ cut, length: 65_536 })
    }
    webSocket.socket.destroy()
  })

  it('answers a close frame cut at each byte', async () => {
    const bytes = close(1001, 'bye')
    for (let cut = 1; cut < bytes.length; cut++) {
      const webSocket = await openRawWebSocket(subject.port, upgradeTo(clientPath(subject)))
      await sendApart(webSocket, [bytes.subarray(0, cut), bytes.subarray(cut)])
      expect((await webSocket.nextFrame())?.payload.toString('latin1', 2)).toBe('bye')
      expect(await webSocket.nextFrame()).toBeUndefined()
    }
  })
})

describe('frames in three segments', () => {
  it('reads a text cut at each pair of bytes', async () => {
    const bytes = text('hello')
    const webSocket = await openRawWebSocket(subject.port, upgradeTo(clientPath(subject)))
    for (let first = 1; first < bytes.length; first++) {
      for (let second = first + 1; second < bytes.length; second++) {
        await sendApart(webSocket, [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)])
        expect(await nextPayloads(webSocket, 1)).toEqual(['hello'])
      }
    }
    webSocket.socket.destroy()
  })
})

describe('a connection that is cut', () => {
  it('says nothing of a message that was not whole, wherever it was cut', async () => {
    const bytes = text('never whole')
    for (let cut = 1; cut < bytes.length; cut++) {
      const webSocket = await openRawWebSocket(subject.port, upgradeTo(clientPath(subject)))
      webSocket.socket.end(Buffer.concat([ping('read'), bytes.subarray(0, cut)]))
      expect((await webSocket.nextFrame())?.payload.toString()).toBe('read')
      expect(await webSocket.nextFrame()).toBeUndefined()
    }
    while (subject.service.pubsub.connectionCount > 0) await new Promise(setImmediate)
    expect(subject.service.log).toEqual([])
  })
})
