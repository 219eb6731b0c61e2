import { expect, it } from 'bun:test'
import { framing } from './cases/framing.ts'
import { handshakes } from './cases/handshakes.ts'
import { messages } from './cases/messages.ts'
import { requests } from './cases/requests.ts'
import { utf8 } from './cases/utf8.ts'

const everything = [framing, messages, utf8, handshakes, requests]
const everyCase: { name: string; knownDifference?: string }[] = everything.flatMap((areas) =>
  Object.values<{ name: string; knownDifference?: string }[]>(areas).flat(),
)

it('lists each known difference, and no other', async () => {
  const readme = await Bun.file(new URL('README.md', import.meta.url)).text()
  const listed = readme.split('\n').flatMap((line) => /^- (.+)$/.exec(line)?.[1] ?? [])
  const known = everyCase.flatMap(({ knownDifference }) => knownDifference ?? [])
  expect(new Set(listed)).toEqual(new Set(known))
})

it('names no case twice in an area', () => {
  for (const areas of everything) {
    for (const cases of Object.values<{ name: string }[]>(areas)) {
      const names = cases.map(({ name }) => name)
      expect(names.length).toBe(new Set(names).size)
    }
  }
})
