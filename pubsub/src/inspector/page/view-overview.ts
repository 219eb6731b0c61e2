import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { HubView, Sample, Snapshot } from '../feed.ts'
import type { App, State } from './app.ts'
import { formatAge, formatBytes, formatCount, formatDate, formatShort, plural } from './format.ts'
import { empty, field, loading, onSubmit, spark, tile } from './parts.ts'

/** The service as a whole, and its hubs. */
export function overviewView(app: App): TemplateResult {
  const { snapshot } = app.state
  if (!snapshot) return loading
  const { service, hubs, hubsLeftOut, at } = snapshot
  return html`
    <header class="head">
      <div class="head-words">
        <h1>All hubs</h1>
        <p>
          ${service.endpoint} ·
          <span title=${formatDate(service.startedAt)}>up for ${formatAge(at - service.startedAt)}</span>
        </p>
      </div>
    </header>
    ${service.isDraining ? html`<p class="band" role="status">Draining: no new connections are taken.</p>` : nothing}
    ${tiles(snapshot, app.state)}
    <section class="content" aria-label="Hubs">
      ${hubs.length === 0 ? nobody(app) : hubTable(app, hubs)}
      ${hubsLeftOut > 0 ? html`<p class="note">and ${plural(hubsLeftOut, 'smaller hub')}</p>` : nothing}
    </section>
  `
}

function tiles({ service, hubs }: Snapshot, { past, load }: State): TemplateResult {
  const now = (at: 1 | 2 | 3 | 4) => hubs.reduce((sum, hub) => sum + hub.now[at], 0)
  const all = sumOf([...past.values()])
  return html`<dl class="tiles" tabindex="0" aria-label="Numbers">
    ${tile({
      label: 'Connections',
      value: formatShort(service.connections),
      about: `${plural(hubs.length, 'hub')}${service.handshakes > 0 ? ` · ${formatCount(service.handshakes)} connecting` : ''}`,
      series: all[0],
    })}
    ${tile({ label: 'Frames in', value: formatShort(now(1)), unit: '/s', about: `${formatBytes(now(3))}/s`, series: all[1] })}
    ${tile({ label: 'Frames out', value: formatShort(now(2)), unit: '/s', about: `${formatBytes(now(4))}/s`, series: all[2] })}
    ${tile({ label: 'Processor', value: (service.cpuShare * 100).toFixed(0), unit: '% of a core', about: 'this process', series: load.map(({ cpuShare }) => cpuShare) })}
    ${tile({ label: 'Memory', value: formatBytes(service.memoryBytes), about: 'this process', series: load.map(({ memoryBytes }) => memoryBytes) })}
  </dl>`
}

/** Connections, frames in and frames out of all hubs, second by second; all end now. */
function sumOf(pasts: Sample[][]): [number[], number[], number[]] {
  const length = Math.max(0, ...pasts.map((past) => past.length))
  const add = (at: 0 | 1 | 2) =>
    Array.from({ length }, (_, second) =>
      pasts.reduce((sum, past) => sum + (past[past.length - length + second]?.[at] ?? 0), 0),
    )
  return [add(0), add(1), add(2)]
}

const hubTable = (app: App, hubs: HubView[]) => html`
  <table class="rows">
    <caption class="unseen">
      Hubs
    </caption>
    <thead>
      <tr>
        <th scope="col">Hub</th>
        <th scope="col" class="wide">To clients, last minutes</th>
        <th scope="col" class="number">Connections</th>
        <th scope="col" class="number wide">Groups</th>
        <th scope="col" class="number wide">Users</th>
        <th scope="col" class="number">In/s</th>
        <th scope="col" class="number">Out/s</th>
        <th scope="col" class="wide">Handler</th>
      </tr>
    </thead>
    <tbody>
      ${repeat(
        hubs,
        ({ name }) => name,
        (hub) => hubRow(app, hub),
      )}
    </tbody>
  </table>
`

const hubRow = (app: App, { name, now, groups, users, handler, allowsAnonymous }: HubView) => html`
  <tr>
    <th scope="row">
      <a class="row-link" href=${app.linkTo({ hub: name })}>${name}</a>
      ${allowsAnonymous ? html`<span class="tag is-warn">anonymous</span>` : nothing}
    </th>
    <td class="wide">
      ${spark(
        (app.state.past.get(name) ?? []).map((sample) => sample[2]),
        'spark-row',
      )}
    </td>
    <td class="number">${formatCount(now[0])}</td>
    <td class="number wide">${formatCount(groups)}</td>
    <td class="number wide">${formatCount(users)}</td>
    <td class="number">${formatShort(now[1])}</td>
    <td class="number">${formatShort(now[2])}</td>
    <td class="wide">
      ${handler === 'none' ? html`<span class="faint">none</span>` : html`<span class="tag">${handler}</span>`}
    </td>
  </tr>
`

const nobody = (app: App) => html`
  ${empty('Nobody is here yet', 'A hub begins to exist with its first connection. Start your app, or connect from this page.')}
  <form
    class="inline-form is-centred"
    @submit=${onSubmit((fields) => app.go({ hub: field(fields, 'hub').trim(), tab: 'try' }))}
  >
    <label
      ><span class="unseen">Name of a hub</span
      ><input
        name="hub"
        placeholder="Name of a hub"
        required
        pattern="[A-Za-z][A-Za-z0-9_,.\`\\[\\]]*"
        autocomplete="off"
    /></label>
    <button class="button is-primary">Try it</button>
  </form>
`
