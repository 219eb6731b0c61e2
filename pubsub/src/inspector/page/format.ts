const count = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export const formatCount = (value: number): string => count.format(value)

/** At most five characters: 999, 1.2K, 31M. */
export const formatShort = (value: number): string => (value < 10_000 ? count.format(value) : compact.format(value))

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** With three digits at most: 512 B, 1.4 kB, 38 MB. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`
}

const spans: [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
]

/** The largest unit that fits: 12 s, 3 min, 2 h, 5 d. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [size, unit] = spans.find(([size]) => seconds >= size) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit}`
}

const two = (value: number) => String(value).padStart(2, '0')

/** The time of day to the millisecond, in the reader's own zone. */
export function formatTime(at: number): string {
  const date = new Date(at)
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => two(part)).join(':')
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export const formatDate = (at: number): string => new Date(at).toLocaleString()

/** `1 group`, `2 groups`. */
export const plural = (value: number, noun: string): string => `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`

export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 10_000) return `${Math.round(milliseconds / 1000)} s`
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`
}
