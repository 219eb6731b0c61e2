import { describe, expect, it } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { limits } from '@chatr/protocol'
import { defaultLimits, wireLimits } from '../pubsub/src/limits.ts'
import { docs as settings } from '../server/src/config.ts'

const root = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const documents = [
  'README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

describe('docs/protocol.md', () => {
  const text = read('docs/protocol.md')
  const examples = [...text.matchAll(/<!-- example: (\S+) -->\s+```json\n([\s\S]*?)\n```/g)]

  it('shows every fixture', () => {
    const fixtures = ['client', 'server', 'relay', 'http'].flatMap((folder) =>
      readdirSync(new URL(`protocol/fixtures/${folder}`, root)).map((name) => `${folder}/${name.replace('.json', '')}`),
    )
    expect(new Set(examples.map(([, name]) => name))).toEqual(new Set(fixtures))
  })

  it.each(examples.map(([, name, json]) => [name ?? '', json ?? '']))('shows %s as it is', (name, json) => {
    expect(JSON.parse(json)).toEqual(JSON.parse(read(`protocol/fixtures/${name}.json`)))
  })
})

describe('docs/limits.md', () => {
  it('names the limits of the protocol with their values', () => {
    const text = read('docs/limits.md')
    for (const [name, value] of Object.entries(limits)) {
      expect(text).toMatch(new RegExp(`\\| \`?${name}\`? +\\| +${value.toLocaleString('en')}\\b`))
    }
  })
})

describe('docs/pubsub-limits.md', () => {
  it('names every limit of the service with its value', () => {
    const rows = [...read('docs/pubsub-limits.md').matchAll(/^\| `(\w+)` +\| ([\d,]+)/gm)]
    const documented = rows.map(([, name, value]) => [name, Number(value?.replaceAll(',', ''))])
    expect(documented).toEqual([...Object.entries(defaultLimits), ...Object.entries(wireLimits)])
  })
})

describe('the README', () => {
  it('lists every setting as the code has it', () => {
    const rows = [...read('README.md').matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\| (.*?) +\|$/gm)].map(([, ...row]) => row)
    expect(rows).toEqual(Object.entries(settings).map(([name, { default: value, meaning }]) => [name, value, meaning]))
  })
})

describe('every document', () => {
  it.each(documents)('%s: its links to files and headings of this repository lead somewhere', (document) => {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '')
    const headings = [...read(document).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      (title ?? '')
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .trim()
        .replace(/\s+/g, '-'),
    )
    for (const link of links.filter((target) => !/^[a-z]+:/.test(target))) {
      const [file, heading] = link.split('#')
      if (file) expect([link, existsSync(new URL(file, new URL(document, root)))]).toEqual([link, true])
      else expect(headings).toContain(heading ?? '')
    }
  })
})
