import { describe, expect, it } from 'bun:test'
import { sayDate, sayDay, sayShort } from './say-time.ts'

const now = new Date(2026, 4, 15, 0, 30)
const at = (year: number, month: number, day: number) => new Date(year, month - 1, day, 23, 59).toISOString()

describe('saying a time', () => {
  it('counts days by the calendar, not by hours', () => {
    expect(sayDay(new Date(2026, 4, 15, 0, 1).toISOString(), now)).toBe('Today')
    expect(sayDay(at(2026, 5, 14), now)).toBe('Yesterday')
    expect(sayDay(at(2026, 5, 12), now)).toBe('Tuesday')
  })

  it('names the year only when it is another one', () => {
    expect(sayDay(at(2026, 2, 3), now)).toBe('Tuesday 3 February')
    expect(sayDay(at(2023, 2, 3), now)).toBe('Friday, 3 February 2023')
    expect(sayDate(at(2026, 2, 3), now)).toBe('3 Feb')
    expect(sayDate(at(2023, 2, 3), now)).toBe('3 Feb 2023')
  })

  it('says the hour today, the weekday this week and the date before', () => {
    expect(sayShort(new Date(2026, 4, 15, 0, 1).toISOString(), now)).toMatch(/^\d\d?:01/)
    expect(sayShort(at(2026, 5, 13), now)).toBe('Wed')
    expect(sayShort(at(2026, 5, 1), now)).toBe('1 May')
  })
})
