import { describe, expect, it } from 'bun:test'
import { readFileSync } from 'node:fs'
import { checkSettings, knownNames, settingDocs } from './settings.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const [, table = ''] = /<!-- settings -->\n([^]*?)<!-- \/settings -->/.exec(readme) ?? []
const cellsOf = (row: string) =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

describe('the README', () => {
  it('lists every setting with its default and meaning', () => {
    const [, , ...rows] = table.trim().split('\n').map(cellsOf)
    const documented = Object.entries(settingDocs).map(([path, doc]) => [`\`${path}\``, doc.default, doc.meaning])
    expect(rows).toEqual(documented)
  })

  it('shows a configuration file that is accepted', () => {
    const [, example = ''] = /```json\n([^]*?)```/.exec(readme) ?? []
    expect(checkSettings(JSON.parse(example))).toMatchObject({ ok: true })
  })
})

describe('the words about settings', () => {
  const documented = Object.keys(settingDocs)
  const known = Object.entries(knownNames).flatMap(([parent, names]) =>
    names.map((name) => (parent === '' ? name : `${parent}.${parent === 'limits' ? '*' : name}`)),
  )

  it.each([...new Set(known)])('are there for %s, or for what is in it', (path) => {
    expect(documented.filter((other) => other === path || other.startsWith(`${path}.`))).not.toEqual([])
  })

  it('are there for nothing that the schema does not know', () => {
    expect(documented.filter((path) => path !== 'hubs.*' && !known.includes(path))).toEqual([])
  })
})
