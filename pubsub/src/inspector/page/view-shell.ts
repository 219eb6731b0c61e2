import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { HubView } from '../feed.ts'
import type { App, State } from './app.ts'
import { formatShort } from './format.ts'
import { icons } from './icons.ts'
import { connectionPanel } from './view-connection.ts'
import { groupPanel } from './view-groups.ts'
import { hubView, plain } from './view-hub.ts'
import { overviewView } from './view-overview.ts'

/** The whole page. */
export function shell(app: App): TemplateResult {
  const { hub } = app.state.route
  const panel = panelOf(app)
  return html`
    <a class="skip" href="#main" @click=${toContent}>Skip to the content</a>
    <div class="shell ${hub === undefined ? 'is-overview' : ''} ${panel === nothing ? '' : 'has-panel'}">
      ${side(app)}
      <main id="main" tabindex="-1">${hub === undefined ? overviewView(app) : hubView(app)}</main>
      ${panel}
    </div>
    <div class="notices" role="status">
      ${app.state.notice ? html`<p class="notice ${app.state.notice.isFailure ? 'is-failure' : ''}">${app.state.notice.text}</p>` : nothing}
    </div>
  `
}

/** The address is the route: it must not become `#main`. */
function toContent(event: Event): void {
  event.preventDefault()
  document.querySelector('main')?.focus()
}

function panelOf(app: App): TemplateResult | typeof nothing {
  const { hub, tab, connection, group } = app.state.route
  if (hub === undefined) return nothing
  if (tab === 'connections' && connection !== undefined) return connectionPanel(app)
  return tab === 'groups' && group !== undefined ? groupPanel(app) : nothing
}

const side = (app: App) => html`
  <nav class="side" aria-label="Hubs">
    <a class="brand" href="#/"><span class="mark" aria-hidden="true"></span><span>Chatr pubsub</span></a>
    <a class="side-row" href="#/" aria-current=${app.state.route.hub === undefined ? 'page' : nothing}
      >${icons.overview}<span>All hubs</span></a
    >
    <h2 class="side-label">Hubs</h2>
    <ul>
      ${repeat(
        [...(app.state.snapshot?.hubs ?? [])].sort((one, other) => (one.name < other.name ? -1 : 1)),
        ({ name }) => name,
        (hub) => hubLink(app, hub),
      )}
    </ul>
    ${linkState(app.state)}
  </nav>
`

function hubLink(app: App, { name, now }: HubView): TemplateResult {
  const { hub, tab } = app.state.route
  const isChosen = name === hub
  return html`<li>
    <a class="side-row" href=${app.linkTo({ ...plain, hub: name, tab })} aria-current=${isChosen ? 'page' : nothing}>
      <span class="cut">${name}</span
      ><span class="side-count"
        >${formatShort(now[0])}<span class="unseen">${now[0] === 1 ? ' connection' : ' connections'}</span></span
      >
    </a>
  </li>`
}

const linkWords: Record<State['link'], string> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'The service does not answer. Trying again.',
}

const linkState = ({ link }: State) =>
  html`<p class="link-state is-${link}" role="status">
    <span class="dot" aria-hidden="true"></span>${linkWords[link]}
  </p>`
