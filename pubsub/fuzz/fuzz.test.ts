import { expect, it } from 'bun:test'
import { fuzz } from './fuzz.ts'
import { makeInput } from './inputs.ts'

const mutations = 20_000

it(`stays up, small and silent under ${mutations} mutations, and its honest clients notice nothing`, async () => {
  const report = await fuzz({ mutations, seed: 1, maxSeconds: 200 })
  expect(report.failures).toEqual([])
  expect(report.mutations).toBeGreaterThanOrEqual(mutations)
  expect(report.canaryMessages).toBeGreaterThan(100)
  // each way in was found, and left by more than one door
  expect([...report.outcomes.keys()].toSorted()).toEqual(['bytes', 'frames', 'handshake', 'rest'])
  expect(report.outcomes.get('handshake')?.get('101')).toBeGreaterThan(0)
  expect(report.outcomes.get('rest')?.get('202')).toBeGreaterThan(0)
  expect(report.outcomes.get('frames')?.get('taken')).toBeGreaterThan(mutations / 20)
  expect(report.end.recoveries).toBeGreaterThan(0)
}, 300_000)

it('makes the same inputs from the same seed, and others from another', () => {
  const inputsOf = (seed: number) => Array.from({ length: 200 }, (_, at) => makeInput(seed, at, 'localhost:1'))
  expect(inputsOf(7)).toEqual(inputsOf(7))
  expect(inputsOf(7)).not.toEqual(inputsOf(8))
})
