export type Labels = Readonly<Record<string, string>>

export interface Sample {
  labels?: Labels
  value: number
}

interface HistogramSample {
  labels?: Labels
  /** Upper bounds, rising; each with how many were at most that. */
  buckets: readonly { bound: number; count: number }[]
  count: number
  sum: number
}

/** One metric with all its series. */
export type Metric = { name: string; help: string } & (
  | { type: 'counter' | 'gauge'; samples: readonly Sample[] }
  | { type: 'histogram'; samples: readonly HistogramSample[] }
)

/** What `formatMetrics` writes. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Prometheus' text exposition format 0.0.4. A metric without series says that it exists. */
export const formatMetrics = (metrics: readonly Metric[]): string => metrics.map(formatMetric).join('')

function formatMetric(metric: Metric): string {
  const { name, help, type } = metric
  const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`
  const lines =
    metric.type === 'histogram'
      ? metric.samples.flatMap((sample) => histogramLines(name, sample))
      : metric.samples.map(({ labels, value }) => line(name, labels, value))
  return head + lines.join('')
}

const histogramLines = (name: string, { labels, buckets, count, sum }: HistogramSample): string[] => [
  ...[...buckets, { bound: Infinity, count }].map((bucket) =>
    line(`${name}_bucket`, { ...labels, le: formatNumber(bucket.bound) }, bucket.count),
  ),
  line(`${name}_sum`, labels, sum),
  line(`${name}_count`, labels, count),
]

function line(name: string, labels: Labels | undefined, value: number): string {
  const pairs = Object.entries(labels ?? {}).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${formatNumber(value)}\n`
}

const formatNumber = (value: number) =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'

const escapeHelp = (text: string) => text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`)
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', String.raw`\"`)
