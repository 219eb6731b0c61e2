/** A reader of the text exposition format 0.0.4 that accepts nothing but what the format allows. For tests. */

export interface ParsedMetric {
  type: string
  help: string
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const helpLine = new RegExp(`^# HELP (${metricName}) ((?:[^\\\\\\n]|\\\\\\\\|\\\\n)+)$`)
const typeLine = new RegExp(`^# TYPE (${metricName}) (counter|gauge|histogram)$`)
const label = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\\\\\|\\\\"|\\\\n)*)"'
const sampleLine = new RegExp(`^(${metricName})(?:\\{(${label}(?:,${label})*)\\})? (\\S+)$`)
const number = /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/

/** Throws for the first thing that is wrong, with its line. */
export function parseExposition(text: string): Map<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const metrics = new Map<string, ParsedMetric>()
  const seen = new Set<string>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, helpName, help] = helpLine.exec(line) ?? []
    const [, typeName, type = ''] = typeLine.exec(line) ?? []
    if (helpName !== undefined) {
      if (metrics.has(helpName)) throw new Error(`a metric is there twice: ${line}`)
      metrics.set(helpName, { type: '', help: help ?? '', samples: [] })
      current = helpName
    } else if (typeName === undefined) {
      takeSample(line, { current, metrics, seen })
    } else {
      const metric = metrics.get(typeName)
      if (!metric || typeName !== current || metric.type !== '') throw new Error(`a type stands alone: ${line}`)
      metric.type = type
    }
  }
  for (const [name, metric] of metrics) if (metric.type === 'histogram') checkHistogram(name, metric)
  return metrics
}

interface Reading {
  current: string
  metrics: Map<string, ParsedMetric>
  seen: Set<string>
}

function takeSample(line: string, { current, metrics, seen }: Reading): void {
  const [, name = '', labelText = ''] = sampleLine.exec(line) ?? []
  const value = line.slice(line.lastIndexOf(' ') + 1)
  if (name === '' || !number.test(value)) throw new Error(`neither a sample nor a comment: ${line}`)
  const metric = metrics.get(current)
  const names = metric?.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => current + end) : [current]
  if (!metric || metric.type === '' || !names.includes(name)) throw new Error(`a sample of another metric: ${line}`)
  const labels = Object.fromEntries(
    [...labelText.matchAll(new RegExp(label, 'g'))].map(([, key, text]) => [key, unescape(text)]),
  )
  const series = `${name} ${JSON.stringify(Object.entries(labels).map(String).toSorted())}`
  if (seen.has(series)) throw new Error(`a series is there twice: ${line}`)
  seen.add(series)
  metric.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) })
}

const escapes: Record<string, string> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }
const unescape = (text = '') => text.replaceAll(/\\[\\"n]/g, (escape) => escapes[escape] ?? escape)

/** Buckets rise, the last one is +Inf and equals the count, for each set of labels. */
function checkHistogram(name: string, { samples }: ParsedMetric): void {
  const series = Map.groupBy(samples, ({ labels }) => JSON.stringify({ ...labels, le: undefined }))
  for (const [labels, all] of series) {
    const buckets = all.filter((sample) => sample.name.endsWith('_bucket'))
    const bounds = buckets.map(({ labels: { le = '' } }) => Number(le.replace('Inf', 'Infinity')))
    const counts = buckets.map(({ value }) => value)
    const count = all.find((sample) => sample.name === `${name}_count`)?.value
    const isRising = (values: number[]) => values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0))
    const hasSum = all.some((sample) => sample.name === `${name}_sum`)
    if (!isRising(bounds) || !isRising(counts)) throw new Error(`buckets of ${name} fall: ${labels}`)
    if (bounds.at(-1) !== Infinity || counts.at(-1) !== count || !hasSum)
      throw new Error(`${name} is not whole: ${labels}`)
  }
}
