import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { framing } from './cases/framing.ts'
import { messages } from './cases/messages.ts'
import { utf8 } from './cases/utf8.ts'
import { type FrameCase, isMeantHere, runCase } from './run-case.ts'
import { startSubject, type Subject } from './subject.ts'

let subject: Subject
beforeAll(async () => {
  subject = await startSubject()
})
afterAll(() => subject[Symbol.asyncDispose]())

const areas: Record<string, FrameCase[]> = { ...framing, ...messages, ...utf8 }

for (const [area, cases] of Object.entries(areas)) {
  describe(area, () => {
    for (const frameCase of cases.filter(isMeantHere)) it(frameCase.name, () => runCase(subject, frameCase))
  })
}

it('leaves no connection and no fault in the log behind', async () => {
  expect(subject.service.log).toEqual([])
  while (subject.service.pubsub.connectionCount > 0) await new Promise(setImmediate)
})
