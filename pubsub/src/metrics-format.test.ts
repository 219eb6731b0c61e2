import { describe, expect, it } from 'bun:test'
import fc from 'fast-check'
import { formatMetrics } from './metrics-format.ts'
import { parseExposition } from './metrics-testing.ts'

describe('the exposition format', () => {
  it('writes counters, gauges and histograms as Prometheus documents them', () => {
    const text = formatMetrics([
      { name: 'a_total', type: 'counter', help: 'Of a.', samples: [{ labels: { hub: 'chat' }, value: 3 }] },
      {
        name: 'b',
        type: 'gauge',
        help: 'Of b.',
        samples: [{ value: 0.5 }, { labels: { x: 'y', z: '' }, value: -Infinity }],
      },
      {
        name: 'c_seconds',
        type: 'histogram',
        help: 'Of c.',
        samples: [{ labels: { hub: 'chat' }, buckets: [{ bound: 0.1, count: 2 }], count: 3, sum: 1.5 }],
      },
      { name: 'd', type: 'gauge', help: 'Nothing yet.', samples: [] },
    ])
    expect(text).toBe(`# HELP a_total Of a.
# TYPE a_total counter
a_total{hub="chat"} 3
# HELP b Of b.
# TYPE b gauge
b 0.5
b{x="y",z=""} -Inf
# HELP c_seconds Of c.
# TYPE c_seconds histogram
c_seconds_bucket{hub="chat",le="0.1"} 2
c_seconds_bucket{hub="chat",le="+Inf"} 3
c_seconds_sum{hub="chat"} 1.5
c_seconds_count{hub="chat"} 3
# HELP d Nothing yet.
# TYPE d gauge
`)
    expect(parseExposition(text).size).toBe(4)
  })

  it('gives every label and every number back to a strict reader', () => {
    const sample = fc.record({ labels: fc.record({ hub: fc.string({ unit: 'grapheme' }) }), value: fc.double() })
    fc.assert(
      fc.property(sample, ({ labels, value }) => {
        const text = formatMetrics([{ name: 'a', type: 'gauge', help: 'x\\y\nz', samples: [{ labels, value }] }])
        expect(parseExposition(text).get('a')?.samples).toEqual([{ name: 'a', labels, value: value === 0 ? 0 : value }])
      }),
    )
  })
})

describe('the strict reader', () => {
  const head = '# HELP a A.\n# TYPE a gauge\n'
  it.each([
    ['no end', 'a 1'],
    ['no help', 'a 1\n'],
    ['no type', '# HELP a A.\na 1\n'],
    ['another metric', `${head}b 1\n`],
    ['the same series twice', `${head}a 1\na 2\n`],
    ['the same metric twice', `${head}a 1\n${head}`],
    ['a bare quote', `${head}a{x="""} 1\n`],
    ['a bare line end', `${head}a{x="\n"} 1\n`],
    ['no number', `${head}a one\n`],
    ['an empty line', `${head}\na 1\n`],
    [
      'falling buckets',
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    ],
    ['no last bucket', '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_sum 1\nh_count 2\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parseExposition(text)).toThrow()
  })
})
