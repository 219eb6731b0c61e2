import { edgesWithoutCase } from '../cases/edges.ts'
import { notOffered, type KnownDifference } from '../known-differences.ts'
import { isStrong, type Result } from '../model.ts'
import { type Report, sum, tally } from './report.ts'

/** The document that is published: what was asked, totals, differences, edge behaviours, every case. */
export function formatMarkdown(report: Report, known: readonly KnownDifference[]): string {
  const sections = [
    introduction(report),
    totals(report.results),
    differences(report.results, known),
    edges(report.results),
    ...[...new Set(report.results.map(({ area }) => area))].map((area) => everyCase(report.results, area)),
  ]
  return `${sections.join('\n\n')}\n`
}

const introduction = ({ subject, runtime, packages }: Report) => `# Conformance

What holds when Microsoft's published packages, and bare frames beside them, talk to **${subject}**.
This page is written by \`npx bun conformance/src/main.ts --slow --markdown docs/conformance.md\`; the same suite asks any other
endpoint with \`--connection-string\`, for example Azure or Microsoft's emulator. Run by ${runtime} with:

${packages.map((name) => `- ${name}`).join('\n')}

Each case names its section of the reference and the evidence for what it expects: \`W\` recorded traffic of the real service,
\`L\` verified live by a service engineer, \`K\` Microsoft's SDK source, \`O\` OpenAPI, \`D\` reference pages, \`S\` client specification,
\`E\` Microsoft's emulator, \`I\` issues, \`R\` our decision where all are silent. A difference in a case with \`W L K O D\` fails the run;
with the others alone it is information. What is published here says how ${subject} answers; where the reference and the
real service disagree, only a run against that one can tell.`

function totals(results: readonly Result[]): string {
  const rows = tally(results)
  const total = (['holds', 'differs', 'notApplicable'] as const).map((column) => `**${sum(rows, column)}**`)
  return table(
    ['area', 'holds', 'differs', 'not asked'],
    [
      ...rows.map(({ area, holds, differs, notApplicable }) => [area, holds, differs, notApplicable].map(String)),
      ['**total**', ...total],
    ],
  )
}

function differences(results: readonly Result[], known: readonly KnownDifference[]): string {
  const reason = (id: string) => known.find(({ cases }) => cases.includes(id))?.text ?? 'unknown'
  const rows = results.flatMap(({ id, evidence, outcome }) =>
    outcome.status === 'differs' ? [[code(id), evidence, code(outcome.expected), code(outcome.got), reason(id)]] : [],
  )
  const found =
    rows.length === 0 ? 'None of the cases differs.' : table(['case', 'evidence', 'expected', 'got', 'why'], rows)
  const skipped = results.flatMap(({ id, outcome }) =>
    outcome.status === 'not applicable' ? [`- ${code(id)} ${outcome.reason}`] : [],
  )
  const notAsked = skipped.length === 0 ? [] : [`Not asked:\n\n${skipped.join('\n')}`]
  const list = notOffered.map((line) => `- ${line}`).join('\n')
  return ['## Known differences', found, ...notAsked, `Not offered, and not asked about:\n\n${list}`].join('\n\n')
}

export const edgeRows = [...Array.from({ length: 42 }, (_, at) => String(at + 1)), '19a']

function edges(results: readonly Result[]): string {
  const rows = edgeRows
    .toSorted((one, two) => Number.parseInt(one, 10) - Number.parseInt(two, 10))
    .map((edge) => {
      const cases = results.filter(({ edges }) => edges.includes(edge))
      const held = cases.filter(({ outcome }) => outcome.status === 'holds').length
      const shown = cases.slice(0, 3).map(({ id }) => code(id))
      const more = cases.length > 3 ? [`and ${cases.length - 3} more`] : []
      return [
        edge,
        cases.length === 0 ? '–' : `${held} of ${cases.length}`,
        edgesWithoutCase[edge] ?? [...shown, ...more].join(', '),
      ]
    })
  return `## Edge behaviours\n\nThe rows of section 13, and the cases that ask about each.\n\n${table(['row', 'holds', 'cases'], rows)}`
}

const marks = { holds: 'holds', differs: '**differs**', 'not applicable': 'not asked' } as const

function everyCase(results: readonly Result[], area: string): string {
  const rows = results
    .filter((result) => result.area === area)
    .map(({ title, spec, evidence, outcome }) => [
      escape(title),
      spec,
      isStrong(evidence) ? evidence : `_${evidence}_`,
      marks[outcome.status],
    ])
  return `## Cases: ${area}\n\n${table(['case', 'section', 'evidence', ''], rows)}`
}

/** Columns are padded, as the formatter of this repository would. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => Array.from(row[at] ?? '').length)))
  const line = (row: string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}

const code = (text: string) => `\`${text.replaceAll('|', '\\|').replaceAll('`', "'")}\``
const escape = (text: string) => text.replaceAll(/([|*_<>{}[\]\\`~])/g, '\\$1').replaceAll(/\s+/g, ' ')
