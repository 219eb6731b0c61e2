import { isStrong, type Result } from '../model.ts'
import { type Report, sum, tally, type Tally } from './report.ts'

interface Look {
  isEachShown: boolean
  hasColor: boolean
}

/** A table by area, what differs in full, and why the rest was not asked. */
export function formatSummary(report: Report, { isEachShown, hasColor }: Look): string {
  const paint = hasColor ? colors : plain
  const sections = [
    `${paint.bold(report.subject)}, asked by ${report.runtime} in ${(report.ms / 1_000).toFixed(1)} s`,
    isEachShown ? formatEach(report.results, paint) : undefined,
    formatAreas(tally(report.results), paint),
    formatDifferences(report.results, paint),
    formatSkipped(report.results),
  ]
  return `${sections.filter((section) => section).join('\n\n')}\n`
}

type Paint = Record<'bold' | 'green' | 'red' | 'yellow' | 'dim', (text: string) => string>

const style = (code: number) => (text: string) => `\u001B[${code}m${text}\u001B[0m`
const colors: Paint = { bold: style(1), green: style(32), red: style(31), yellow: style(33), dim: style(2) }
const same = (text: string) => text
const plain: Paint = { bold: same, green: same, red: same, yellow: same, dim: same }

function formatAreas(rows: Tally[], paint: Paint): string {
  const total = {
    area: 'total',
    holds: sum(rows, 'holds'),
    differs: sum(rows, 'differs'),
    notApplicable: sum(rows, 'notApplicable'),
  }
  const lines = [...rows, total].map(({ area, holds, differs, notApplicable }) => {
    const cells = [cell(holds, paint.green), cell(differs, paint.red), cell(notApplicable, paint.dim)]
    return `${area.padEnd(18)}${cells.join('')}`
  })
  return [paint.bold(`${'area'.padEnd(18)}   holds differs     n/a`), ...lines].join('\n')
}

const cell = (count: number, color: (text: string) => string) =>
  count === 0 ? '·'.padStart(8) : color(String(count).padStart(8))

function formatDifferences(results: readonly Result[], paint: Paint): string {
  return results
    .flatMap(({ id, title, spec, evidence, outcome }) => {
      if (outcome.status !== 'differs') return []
      const mark = isStrong(evidence) ? paint.red('✗') : paint.yellow('~')
      const at = outcome.at ? ` (${outcome.at})` : ''
      return [
        `${mark} ${id} [${spec}, ${evidence}] ${title}`,
        `    expected${at}: ${outcome.expected}\n    got: ${outcome.got}`,
      ]
    })
    .join('\n')
}

function formatSkipped(results: readonly Result[]): string {
  const reasons = new Map<string, number>()
  for (const { outcome } of results) {
    if (outcome.status === 'not applicable') reasons.set(outcome.reason, (reasons.get(outcome.reason) ?? 0) + 1)
  }
  return [...reasons].map(([reason, count]) => `not asked, ${count}: ${reason}`).join('\n')
}

const marks = { holds: '✓', differs: '✗', 'not applicable': '·' } as const

function formatEach(results: readonly Result[], paint: Paint): string {
  return results
    .map(({ area, title, spec, evidence, outcome: { status } }, at) => {
      const heading = results[at - 1]?.area === area ? '' : `\n${paint.bold(area)}\n`
      return `${heading}${marks[status]} ${spec.padEnd(5)} ${evidence.padEnd(3)} ${title}`
    })
    .join('\n')
}
