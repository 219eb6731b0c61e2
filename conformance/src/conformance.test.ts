import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allCases } from './cases/all.ts'
import { edgesWithoutCase } from './cases/edges.ts'
import { readConnectionString } from './kit/target.ts'
import { knownDifferences } from './known-differences.ts'
import type { Outcome } from './model.ts'
import { edgeRows, formatMarkdown } from './report/markdown.ts'
import type { Report } from './report/report.ts'
import { run } from './run.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const differing = new Set(knownDifferences.flatMap(({ cases }) => cases))

async function start(...args: string[]) {
  const child = Bun.spawn([process.execPath, main, ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [output, exitCode] = await Promise.all([new Response(child.stdout).text(), child.exited])
  return { output, exitCode }
}

describe('our service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  const outcomes = new Map<string, Outcome>()
  let exitCode = -1

  beforeAll(async () => {
    const file = join(folder, 'out.json')
    const ended = await start('--json', file)
    exitCode = ended.exitCode
    const { results } = JSON.parse(readFileSync(file, 'utf8')) as Report // written by the suite just now
    for (const { id, outcome } of results) outcomes.set(id, outcome)
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  const asked = allCases.filter(
    ({ id, isSlow, needs = [] }) => !differing.has(id) && !isSlow && !needs.includes('https'),
  )
  it.each(asked.map(({ id, title }) => [id, title]))('%s: %s', (id) => {
    expect(outcomes.get(id)).toEqual({ status: 'holds' })
  })

  it('differs where that is known, and nowhere else', () => {
    const found = [...outcomes].filter(([, { status }]) => status === 'differs').map(([id]) => id)
    expect(new Set(found)).toEqual(differing)
  })

  it('ends with 0, as nothing differs that is documented', () => {
    expect(exitCode).toBe(0)
  })
})

describe('the cases', () => {
  it('have an id each', () => {
    expect(new Set(allCases.map(({ id }) => id)).size).toBe(allCases.length)
  })

  it('ask about every row of the edge behaviours, or say why not', () => {
    const asked = new Set(allCases.flatMap(({ edges = [] }) => edges))
    expect(edgeRows.filter((row) => !asked.has(row) && !edgesWithoutCase[row])).toEqual([])
  })

  it('hold nowhere at a server that refuses everything', async () => {
    const server = createServer((_, response) => response.writeHead(418, { 'content-length': '0' }).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // a TCP server has one
    const read = readConnectionString(`Endpoint=http://127.0.0.1;AccessKey=${'k'.repeat(40)};Port=${port};`)
    const target = read && { ...read, secondaryKey: undefined, isOwn: false }
    const { results } = await run({ target, cases: allCases, hub: 'x', isSlowIncluded: false, concurrency: 32 })
    server.close()
    expect(results.filter(({ outcome }) => outcome.status === 'holds').map(({ id }) => id)).toEqual([])
  }, 60_000)
})

describe('the command', () => {
  it('says what is wrong with its arguments and ends with 2', async () => {
    expect(await start('--connection-string', 'Endpoint=x')).toEqual({
      output: '--connection-string wants Endpoint=…;AccessKey=…;\n',
      exitCode: 2,
    })
  })
})

describe('docs/conformance.md', () => {
  it('lists exactly the cases that there are', () => {
    const holding = { outcome: { status: 'holds' as const }, ms: 0 }
    const results = allCases.map((row) => Object.assign({ edges: [] }, row, holding))
    const names = (text: string) => [
      ...text.matchAll(/^\| (.+?) +\| \S+ +\| \S+ +\| (?:holds|\*\*differs\*\*|not asked) +\|$/gm),
    ]
    const fresh = formatMarkdown({ subject: '', runtime: '', packages: [], ms: 0, results }, knownDifferences)
    const published = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8')
    expect(names(published).map(([, name]) => name)).toEqual(names(fresh).map(([, name]) => name))
  })
})
