import { describe, expect, it } from 'bun:test'
import { assert, array, property, uint8Array, nat } from 'fast-check'
import { createAnswerReader, type Progress } from './http-answer.ts'

const head = (...lines: string[]) => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`

function readAll(text: string | Uint8Array, { isEnd = false, bodyMaxBytes = 100 } = {}): Progress {
  const reader = createAnswerReader(bodyMaxBytes)
  const progress = reader.read(Buffer.from(text as string, 'latin1'))
  return isEnd && progress.is === 'more' ? reader.end() : progress
}

const bodyOf = (progress: Progress) => (progress.is === 'whole' ? progress.answer.body.toString('latin1') : progress.is)
const isReusable = (progress: Progress) => progress.is === 'whole' && progress.isReusable

describe('the reader of answers', () => {
  it.each([
    ['a length', head('Content-Length: 2') + 'ab', 'ab'],
    ['the same length twice', head('Content-Length: 2', 'content-length: 2') + 'ab', 'ab'],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ['a length that does not count', 'HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n', ''],
    ['chunks', head('Transfer-Encoding: Chunked') + '2\r\nab\r\n1 ;x=y\r\nc\r\n0\r\n\r\n', 'abc'],
    ['a trailer', head('Transfer-Encoding: chunked') + '1\r\na\r\n0\r\nX: y\r\n\r\n', 'a'],
    ['a provisional answer', 'HTTP/1.1 100 Continue\r\n\r\n' + head('Content-Length: 1') + 'a', 'a'],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na', 'a'],
  ])('takes %s, and the connection goes on', (_, text, body) => {
    const progress = readAll(text)
    expect([bodyOf(progress), isReusable(progress)]).toEqual([body, true])
  })

  it.each([
    ['all until the end', head() + 'abc', 'abc'],
    ['a farewell', head('Content-Length: 1', 'Connection: Close') + 'a', 'a'],
    ['an old version', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', 'a'],
    ['more than the body', head('Content-Length: 1') + 'ab', 'a'],
  ])('takes %s, and the connection does not go on', (_, text, body) => {
    const progress = readAll(text, { isEnd: true })
    expect([bodyOf(progress), isReusable(progress)]).toEqual([body, false])
  })

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['another version', 'HTTP/2 200 OK\r\n\r\n'],
    ['a folded line', head('A: b', ' c')],
    ['a line without a colon', head('A')],
    ['a space before the colon', head('A : b')],
    ['an empty name', head(': b')],
    ['a line feed alone', head('A: b\nC: d')],
    ['a zero byte', head('A: \0')],
    ['two lengths', head('Content-Length: 1', 'Content-Length: 2') + 'a'],
    ['a list of lengths', head('Content-Length: 1, 1') + 'a'],
    ['a negative length', head('Content-Length: -1')],
    ['a length in hexadecimals', head('Content-Length: 0x1') + 'a'],
    ['an empty length', head('Content-Length:')],
    ['a length and chunks', head('Content-Length: 1', 'Transfer-Encoding: chunked') + '0\r\n\r\n'],
    ['another coding', head('Transfer-Encoding: gzip, chunked') + '0\r\n\r\n'],
    ['a chunk without a size', head('Transfer-Encoding: chunked') + '\r\na\r\n'],
    ['a chunk with a sign', head('Transfer-Encoding: chunked') + '+1\r\na\r\n'],
    ['a chunk that goes on', head('Transfer-Encoding: chunked') + '1\r\nab\r\n'],
  ])('refuses %s', (_, text) => {
    expect(readAll(text).is).toBe('fault')
  })

  it('gives names in lower case, and values without the space around them', () => {
    const progress = readAll(head('X-A:  b c \t', 'Set-Cookie: a=1', 'set-cookie: b=2', 'Content-Length: 0'))
    const headers = ['x-a', 'b c', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'content-length', '0']
    expect(progress).toMatchObject({ is: 'whole', answer: { status: 200, headers } })
  })

  it('reads the same, wherever the pieces break', () => {
    const texts = [
      head('Content-Length: 30') + 'x'.repeat(30),
      'HTTP/1.1 103 X\r\n\r\n' +
        head('Transfer-Encoding: chunked') +
        'a\r\n0123456789\r\n3;e\r\nabc\r\n0\r\nT: u\r\n\r\n',
    ]
    assert(
      property(nat(1), array(nat(200), { maxLength: 30 }), (which, cuts) => {
        const text = texts[which] ?? ''
        const ends = [...cuts.filter((cut) => cut < text.length), text.length].toSorted((one, other) => one - other)
        const reader = createAnswerReader(100)
        const seen = ends.map((end, at) => reader.read(Buffer.from(text.slice(ends[at - 1] ?? 0, end), 'latin1')))
        expect(seen.at(-1)).toEqual(readAll(text))
        expect(seen.slice(0, -1).every(({ is }, at) => is === 'more' || ends[at] === text.length)).toBe(true)
      }),
    )
  })

  it('throws for nothing that may arrive', () => {
    assert(
      property(uint8Array({ maxLength: 300 }), (bytes) => {
        for (const start of ['', head(), head('Transfer-Encoding: chunked')])
          readAll(Buffer.concat([Buffer.from(start), bytes]), { isEnd: true })
      }),
    )
  })
})
