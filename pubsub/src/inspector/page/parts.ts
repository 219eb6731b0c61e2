import { html, nothing, svg, type TemplateResult } from 'lit-html'
import type { ConnectionRow, Paged } from '../feed.ts'
import { feedLimits } from '../feed.ts'
import type { App } from './app.ts'
import { formatCount } from './format.ts'
import { icons } from './icons.ts'

/** A number with its past. */
export interface TileWords {
  label: string
  value: string
  unit?: string
  about: string
  series: number[]
  isBad?: boolean
}

export const tile = ({ label, value, unit = '', about, series, isBad = false }: TileWords): TemplateResult => html`
  <div class="tile ${isBad ? 'is-bad' : ''}">
    <dt>${label}</dt>
    <dd>
      <span class="tile-value">${value}</span>${unit ? html`<span class="tile-unit"> ${unit}</span>` : nothing}
      <span class="tile-about">${about}</span>
      ${spark(series, 'spark')}
    </dd>
  </div>
`

const sparkWidth = 180
const sparkHeight = 40

/** The last three minutes as a line: drawn from the right, where now is. Says nothing that the number does not. */
export function spark(series: number[], className: string): TemplateResult {
  const top = Math.max(1, ...series)
  const step = sparkWidth / (feedLimits.samples - 1)
  const start = sparkWidth - (series.length - 1) * step
  const y = (value: number) => (sparkHeight - 2 - (value / top) * (sparkHeight - 6)).toFixed(1)
  const points = series.map((value, at) => `${(start + at * step).toFixed(1)} ${y(value)}`)
  const line = points.length > 1 ? `M${points.join('L')}` : ''
  const area = line && `${line}V${sparkHeight}H${start.toFixed(1)}Z`
  return html`<svg
    class=${className}
    viewBox="0 0 ${sparkWidth} ${sparkHeight}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${svg`<path class="spark-area" d=${area} /><path class="spark-line" d=${line} />`}
  </svg>`
}

/** Initials on one of twelve colours that belong to the name. */
export function avatar(name: string | undefined): TemplateResult {
  const face = name === undefined ? 0 : faceOf(name)
  return html`<span class="avatar face-${face}" aria-hidden="true">${initials(name ?? '') || '·'}</span>`
}

/** Of two words, or the first two letters of one. */
function initials(name: string): string {
  const [first = '', second] = name.match(/\p{L}+/gu) ?? []
  return (second === undefined ? first.slice(0, 2) : first.slice(0, 1) + second.slice(0, 1)).toUpperCase()
}

function faceOf(name: string): number {
  let hash = 0
  for (let at = 0; at < name.length; at++) hash = (hash * 31 + name.charCodeAt(at)) % 1_000_003
  return (hash % 12) + 1
}

const stateWords: Record<ConnectionRow['state'], string> = {
  attached: 'Connected',
  detached: 'Away, may come back',
  gone: 'Gone',
}
export const stateWord = (state: ConnectionRow['state']): string => stateWords[state]

export const stateDot = (state: ConnectionRow['state']): TemplateResult =>
  html`<span class="dot is-${state}" title=${stateWord(state)}><span class="unseen">${stateWord(state)}</span></span>`

const protocolWords = new Map([
  ['json.webpubsub.azure.v1', 'JSON'],
  ['json.reliable.webpubsub.azure.v1', 'Reliable JSON'],
  ['protobuf.webpubsub.azure.v1', 'Protobuf'],
  ['protobuf.reliable.webpubsub.azure.v1', 'Reliable protobuf'],
  ['simple', 'Simple'],
])
export const protocolWord = (name: string): string => protocolWords.get(name) ?? name

export const empty = (title: string, about: TemplateResult | string): TemplateResult =>
  html`<div class="empty">
    <p class="empty-title">${title}</p>
    <p>${about}</p>
  </div>`

export const loading = html`<div class="loading" role="status"><span class="unseen">Loading</span></div>`

/** Which page of a list is shown, and the way to the others; nothing for a list of one page. */
export function pager({ total, page }: Paged<unknown>, app: App): TemplateResult | typeof nothing {
  const last = Math.ceil(total / feedLimits.pageRows) - 1
  if (last < 1) return nothing
  const first = page * feedLimits.pageRows + 1
  const turn = (to: number, label: string, sign: TemplateResult) => html`
    <button
      class="icon-button"
      aria-label=${label}
      ?disabled=${to < 0 || to > last}
      @click=${() => app.go({ page: to })}
    >
      ${sign}
    </button>
  `
  return html`<nav class="pager" aria-label="Pages">
    <span
      >${formatCount(first)}–${formatCount(Math.min(total, first + feedLimits.pageRows - 1))} of
      ${formatCount(total)}</span
    >
    ${turn(page - 1, 'Previous page', html`${icons.back}`)} ${turn(page + 1, 'Next page', html`${icons.next}`)}
  </nav>`
}

let searchTimer: ReturnType<typeof setTimeout> | undefined

/** Looks while one types, but not at each letter. */
export const searchField = (app: App, label: string): TemplateResult => html`
  <label class="search">
    ${icons.find}<span class="unseen">${label}</span>
    <input
      type="search"
      placeholder=${label}
      autocomplete="off"
      spellcheck="false"
      .value=${app.state.route.search}
      @input=${(event: InputEvent) => {
        const { value } = event.target as HTMLInputElement // the only thing this is bound to
        clearTimeout(searchTimer)
        searchTimer = setTimeout(() => app.go({ search: value, page: 0 }), 180)
      }}
    />
  </label>
`

/** What a form says, and nothing sent by the browser itself. */
export const onSubmit = (handle: (fields: FormData, form: HTMLFormElement) => unknown) => (event: SubmitEvent) => {
  event.preventDefault()
  const form = event.currentTarget
  if (form instanceof HTMLFormElement) handle(new FormData(form), form)
}

export const field = (fields: FormData, name: string): string => {
  const value = fields.get(name)
  return typeof value === 'string' ? value : ''
}

/** The words of a field that takes several, between commas or white space. */
export const listField = (fields: FormData, name: string): string[] =>
  field(fields, name)
    .split(/[\s,]+/)
    .filter(Boolean)
