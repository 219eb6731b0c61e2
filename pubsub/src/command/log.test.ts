import { describe, expect, it } from 'bun:test'
import { openLog, type LogFormat } from './log.ts'

const now = () => new Date('2026-01-02T03:04:05.678Z')

function linesOf(format: LogFormat, secrets: string[] = []) {
  const lines: string[] = []
  return { lines, log: openLog(format, { write: (line) => lines.push(line), now, secrets: () => secrets }) }
}

describe('the log', () => {
  it('writes one JSON object a line, time, level and event first', () => {
    const { lines, log } = linesOf('json')
    log({ level: 'warn', event: 'slow', hub: 'chat', error: 'a\nb' })
    expect(lines).toEqual([
      '{"time":"2026-01-02T03:04:05.678Z","level":"warn","event":"slow","hub":"chat","error":"a\\nb"}\n',
    ])
  })

  it('writes text that stays on one line', () => {
    const { lines, log } = linesOf('text')
    log({ level: 'error', event: 'failed', hub: 'chat', error: 'a\nb', status: 500 })
    log({ level: 'info', event: 'started' })
    expect(lines).toEqual([
      '2026-01-02T03:04:05.678Z ERROR failed hub=chat error="a\\nb" status=500\n',
      '2026-01-02T03:04:05.678Z started\n',
    ])
  })

  it('writes nothing when it is off', () => {
    const { lines, log } = linesOf('off')
    log({ level: 'error', event: 'failed' })
    expect(lines).toEqual([])
  })

  it.each(['json', 'text'] as const)('masks keys, tokens and secret parameters as %s', (format) => {
    const { lines, log } = linesOf(format, ['levelled', 'k"\\ey word', 'a', ''])
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln-_'
    log({
      level: 'error',
      event: 'failed',
      error: `levelled k"\\ey word ${token} http://a/?x=1&code=hush#f /client?access_token=hush&hub=a`,
      nested: { url: 'http://a?CODE=hush' },
    })
    const text = lines.join('')
    for (const secret of ['levelled', 'k\\"', 'ey word', token, 'hush']) expect(text).not.toContain(secret)
    expect(text).toContain('x=1&code=***#f')
    expect(text).toContain('hub=a')
    // a key of one letter would leave nothing to read
    expect(text).toContain('failed')
    if (format === 'json')
      expect(JSON.parse(text)).toMatchObject({ event: 'failed', nested: { url: 'http://a?CODE=***' } })
  })
})
