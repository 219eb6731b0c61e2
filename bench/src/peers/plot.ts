import { whole } from './format.ts'
import type { Cell, Row } from './rows.ts'
import type { Target } from './target.ts'
import { ours } from './targets/all.ts'

const panel = { width: 400, label: 118, value: 78, bar: 16, gap: 6, head: 44, foot: 18 }
const columns = 2
const margin = 20

interface Bar {
  label: string
  /** How it is coloured: the limit, ours, a peer. */
  kind: 'limit' | 'ours' | 'peer'
  cell: Cell
}

/** A panel of bars for each row; colours follow the reader's light or dark scheme. */
export function formatPlot(rows: readonly Row[], targets: readonly Target[]): string {
  const panels = rows.map((row) => ({ row, bars: barsOf(row, targets) })).filter(({ bars }) => bars.length > 1)
  const height = heightOf(Math.max(...panels.map(({ bars }) => bars.length)))
  const total = {
    width: columns * panel.width + (columns + 1) * margin,
    height: Math.ceil(panels.length / columns) * (height + margin) + margin,
  }
  const drawn = panels.map(({ row, bars }, at) => {
    const x = margin + (at % columns) * (panel.width + margin)
    const y = margin + Math.floor(at / columns) * (height + margin)
    return `<g transform="translate(${x} ${y})">${drawPanel(row, bars)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.width} ${total.height}" width="${total.width}" height="${total.height}" role="img" aria-label="Servers side by side">
<style>${style}</style>
<rect class="paper" width="100%" height="100%" rx="8"/>
${drawn.join('\n')}
</svg>
`
}

const heightOf = (bars: number) => panel.head + bars * (panel.bar + panel.gap) + panel.foot

const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 13px }
.quiet { fill: #59636e }
.paper { fill: #ffffff }
.limit { fill: #9aa4af }
.ours { fill: #2f6fde }
.peer { fill: #d08a2e }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .quiet { fill: #9aa4af }
  .paper { fill: #0d1117 }
  .limit { fill: #6e7681 }
  .ours { fill: #5b9bff }
  .peer { fill: #e0a458 }
}
`

function barsOf({ cells }: Row, targets: readonly Target[]): Bar[] {
  return targets.flatMap(({ id, label }) => {
    const cell = cells.get(id)
    if (!cell) return []
    return [{ label, cell, kind: id === 'bare' ? 'limit' : ours.includes(id) ? 'ours' : 'peer' }]
  })
}

function drawPanel({ title, unit, isCost }: Row, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ cell }) => cell.value || 0))
  const room = panel.width - panel.label - panel.value
  const drawn = bars.map(({ label, kind, cell }, at) => {
    const y = panel.head + at * (panel.bar + panel.gap)
    const width = Number.isNaN(cell.value) ? 0 : Math.max(1, (cell.value / most) * room)
    return `<text x="${panel.label - 8}" y="${y + 12}" text-anchor="end">${label}</text><rect class="${kind}" x="${panel.label}" y="${y}" width="${width.toFixed(1)}" height="${panel.bar}" rx="2"/><text class="quiet" x="${(panel.label + width + 6).toFixed(1)}" y="${y + 12}">${width === 0 ? 'not measured' : whole(cell.value)}</text>`
  })
  const better = isCost ? 'less is better' : 'more is better'
  return `<text class="title" y="14">${title}</text><text class="quiet" y="32">${unit}, ${better}</text>${drawn.join('')}`
}
