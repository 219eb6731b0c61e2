import { html, nothing, type TemplateResult } from 'lit-html'
import type { HubView, Sample, Tab } from '../feed.ts'
import { type App, hubOf } from './app.ts'
import { formatBytes, formatCount, formatShort, plural } from './format.ts'
import { icons } from './icons.ts'
import { empty, loading, tile } from './parts.ts'
import { connectionsView } from './view-connections.ts'
import { groupsView } from './view-groups.ts'
import { tryView } from './view-try.ts'
import { upstreamView } from './view-upstream.ts'

/** One hub: its numbers, then what was chosen to look at. */
export function hubView(app: App): TemplateResult {
  const { state } = app
  const hub = hubOf(state)
  if (!state.snapshot) return loading
  if (!hub && state.route.tab !== 'try') return noHub(app)
  return html`
    <header class="head">
      <a class="icon-button only-small" href=${app.linkTo({})} aria-label="Back to all hubs" @click=${toOverview(app)}
        >${icons.back}</a
      >
      <div class="head-words">
        <h1>${state.route.hub}</h1>
        ${hub ? html`<p>${facts(hub)}</p>` : html`<p>This hub begins to exist with its first connection.</p>`}
      </div>
    </header>
    ${hub ? tiles(hub, state.past.get(hub.name) ?? []) : nothing} ${tabBar(app, hub)}
    <section class="content" aria-label=${tabWords[state.route.tab]}>${contents[state.route.tab](app)}</section>
  `
}

const toOverview = (app: App) => (event: Event) => {
  event.preventDefault()
  app.go({ hub: '' })
}

const handlerWords = {
  webhook: 'Events go to a webhook',
  'in-process': 'Events are handled in this process',
  none: 'No event handler',
}

const facts = ({ handler, allowsAnonymous, closed }: HubView) => {
  const entry = allowsAnonymous ? 'anonymous clients may connect' : 'a token is needed to connect'
  const { Normal: _goodbyes, ...others } = closed
  const endings = countsOf(others)
  return `${handlerWords[handler]} · ${entry}${endings === '' ? '' : ` · closed: ${endings}`}`
}

function tiles(hub: HubView, past: Sample[]): TemplateResult {
  const [connections, framesIn, framesOut, bytesIn, bytesOut, calls] = hub.now
  const series = (at: 0 | 1 | 2 | 3 | 4 | 5) => past.map((sample) => sample[at])
  const refused = Object.values(hub.refused).reduce((sum, count) => sum + count, 0)
  return html`<dl class="tiles" tabindex="0" aria-label="Numbers">
    ${tile({
      label: 'Connections',
      value: formatShort(connections),
      about: plural(hub.users, 'user'),
      series: series(0),
    })}
    ${tile({ label: 'Frames in', value: formatShort(framesIn), unit: '/s', about: `${formatBytes(bytesIn)}/s`, series: series(1) })}
    ${tile({ label: 'Frames out', value: formatShort(framesOut), unit: '/s', about: `${formatBytes(bytesOut)}/s`, series: series(2) })}
    ${tile({
      label: 'Upstream calls',
      value: formatShort(calls),
      unit: '/s',
      about: hub.callsFailed === 0 ? 'none failed' : `${formatCount(hub.callsFailed)} failed`,
      series: series(5),
      isBad: hub.callsFailed > 0,
    })}
    ${tile({
      label: 'Handshakes',
      value: formatShort(hub.opened),
      unit: 'accepted',
      about: refused === 0 ? 'none refused' : `${formatCount(refused)} refused: ${countsOf(hub.refused)}`,
      series: [],
      isBad: refused > 0,
    })}
  </dl>`
}

const countsOf = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} × ${formatCount(count)}`)
    .join(', ')

const tabWords: Record<Tab, string> = {
  connections: 'Connections',
  groups: 'Groups',
  upstream: 'Upstream',
  try: 'Try it',
}

const contents: Record<Tab, (app: App) => TemplateResult> = {
  connections: connectionsView,
  groups: groupsView,
  upstream: upstreamView,
  try: tryView,
}

function tabBar(app: App, known: HubView | undefined): TemplateResult {
  const { hub = '', tab } = app.state.route
  const counts = new Map<Tab, number>(
    known && [
      ['connections', known.now[0]],
      ['groups', known.groups],
    ],
  )
  // the lists say their lengths themselves
  const count = (of: Tab) =>
    counts.has(of)
      ? html`<span class="tab-count" aria-hidden="true">${formatShort(counts.get(of) ?? 0)}</span>`
      : nothing
  const link = (to: Tab) => html`
    <a href=${app.linkTo({ hub, ...plain, tab: to })} aria-current=${to === tab ? 'page' : nothing}
      >${tabWords[to]}${count(to)}</a
    >
  `
  return html`<nav class="tabs" aria-label="What to look at">
    ${(Object.keys(tabWords) as Tab[]).map((to) => link(to))}
  </nav>`
}

/** Nothing searched, nothing chosen. */
export const plain = { search: '', sort: 'newest', page: 0, connection: '', group: '' } as const

const noHub = (app: App) =>
  empty(
    `There is no hub ${app.state.route.hub} yet`,
    html`A hub begins to exist with its first connection.
      <a href=${app.linkTo({ ...plain, tab: 'try' })}>Connect from here</a> or go to <a href="#/">all hubs</a>.`,
  )
