const dayMs = 86_400_000
/** The words are English; whether a day has 12 or 24 hours is the reader's. */
const hour12 = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions().hour12 ?? false

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options)
const clock = format({ hour: hour12 ? 'numeric' : '2-digit', minute: '2-digit', hour12 })
const weekdayShort = format({ weekday: 'short' })
const weekdayLong = format({ weekday: 'long' })
const dayAndMonth = format({ day: 'numeric', month: 'short' })
const longDay = format({ weekday: 'long', day: 'numeric', month: 'long' })
const longDate = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
const shortDate = format({ day: 'numeric', month: 'short', year: 'numeric' })
const full = format({ dateStyle: 'full', timeStyle: 'short', hour12 })

const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
/** Whole days between the two, by the calendar; a day of 23 or 25 hours counts as one. */
const daysBetween = (date: Date, now: Date) => Math.round((midnight(now) - midnight(date)) / dayMs)

/** "14:32". */
export const sayClock = (at: string) => clock.format(new Date(at))
/** Everything, for a title. */
export const sayFull = (at: string) => full.format(new Date(at))

/** For a day line: "Today", "Yesterday", "Friday", "Friday 12 May", "Friday 12 May 2023". */
export function sayDay(at: string, now: Date): string {
  const date = new Date(at)
  const days = daysBetween(date, now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days > 1 && days < 7) return weekdayLong.format(date)
  return date.getFullYear() === now.getFullYear() ? longDay.format(date) : longDate.format(date)
}

/** For a row of the list: "14:32", "Fri", "12 May", "12 May 2023". */
export function sayShort(at: string, now: Date): string {
  const date = new Date(at)
  const days = daysBetween(date, now)
  if (days <= 0) return sayClock(at)
  if (days < 7) return weekdayShort.format(date)
  return sayDate(at, now)
}

/** "12 May", and the year when it is another. */
export function sayDate(at: string, now: Date): string {
  const date = new Date(at)
  return date.getFullYear() === now.getFullYear() ? dayAndMonth.format(date) : shortDate.format(date)
}
