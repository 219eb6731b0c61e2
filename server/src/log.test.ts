import { describe, expect, it } from 'bun:test'
import { openLog } from './log.ts'

function capture(format: 'text' | 'json' | 'quiet') {
  const lines: string[] = []
  const now = () => new Date('2026-11-22T08:30:00.000Z')
  const out = (line: string) => void lines.push(`out ${line}`)
  const err = (line: string) => void lines.push(`err ${line}`)
  const log = openLog(format, { out, err, now })
  log.info('sign-in', { user: 'guest:1', name: 'two words\nand a line' })
  log.error('outage')
  return lines
}

describe('the log', () => {
  it('writes one line of text per event', () => {
    expect(capture('text')).toEqual([
      'out 2026-11-22T08:30:00.000Z sign-in user=guest:1 name="two words\\nand a line"\n',
      'err 2026-11-22T08:30:00.000Z ERROR outage\n',
    ])
  })

  it('writes one JSON object per line', () => {
    const [first = ''] = capture('json')
    expect(JSON.parse(first.slice(4))).toEqual({
      time: '2026-11-22T08:30:00.000Z',
      level: 'info',
      event: 'sign-in',
      user: 'guest:1',
      name: 'two words\nand a line',
    })
  })

  it('keeps outages only when quiet', () => {
    expect(capture('quiet')).toEqual(['err 2026-11-22T08:30:00.000Z ERROR outage\n'])
  })
})
