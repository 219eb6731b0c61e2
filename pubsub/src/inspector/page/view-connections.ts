import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { type ConnectionRow, type ConnectionSort, connectionSorts } from '../feed.ts'
import type { App } from './app.ts'
import { formatAge, formatBytes, formatCount, formatDate, plural } from './format.ts'
import { avatar, empty, loading, pager, protocolWord, searchField, stateDot } from './parts.ts'

/** The connections of a hub, a page at a time. */
export function connectionsView(app: App): TemplateResult {
  const { snapshot, route } = app.state
  const list = snapshot?.connections
  return html`
    <div class="toolbar">
      ${searchField(app, 'User, group or connection id')}
      <label class="select">
        <span>Order</span>
        <select .value=${route.sort} @change=${(event: Event) => app.go({ sort: sortOf(event), page: 0 })}>
          ${connectionSorts.map((sort) => html`<option value=${sort} ?selected=${sort === route.sort}>${sortWords[sort]}</option>`)}
        </select>
      </label>
      <span class="toolbar-count" aria-live="polite">${list ? countWords(list.total, snapshot?.gone ?? 0) : ''}</span>
    </div>
    ${list ? (list.rows.length > 0 ? connectionTable(app, list.rows) : nobody(app)) : loading}
    ${list ? pager(list, app) : nothing}
  `
}

const countWords = (total: number, gone: number) =>
  `${plural(total - gone, 'connection')}${gone > 0 ? `, ${formatCount(gone)} just gone` : ''}`

const sortWords: Record<ConnectionSort, string> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  user: 'By user',
  groups: 'Most groups',
  unread: 'Most unread',
}

function sortOf({ target }: Event): ConnectionSort {
  const value = target instanceof HTMLSelectElement ? target.value : ''
  return connectionSorts.find((sort) => sort === value) ?? 'newest'
}

const nobody = (app: App) =>
  app.state.route.search === ''
    ? empty(
        'Nobody is connected',
        html`Start your app, or <a href=${app.linkTo({ tab: 'try' })}>connect from here</a>.`,
      )
    : empty(
        'Nobody like that',
        'Users and groups are found by any part of their names, connections by how their id begins.',
      )

/** Also the members of a group: a row leads to the connection. */
const connectionTable = (app: App, rows: ConnectionRow[]): TemplateResult => html`
  <table class="rows connections">
    <caption class="unseen">
      Connections
    </caption>
    <thead>
      <tr>
        <th scope="col">User and connection</th>
        <th scope="col" class="middle">Subprotocol</th>
        <th scope="col" class="number middle">Groups</th>
        <th scope="col" class="number">Unread</th>
        <th scope="col" class="number wide" title="Of the last message, for reliable subprotocols">Sequence</th>
        <th scope="col" class="number">Since</th>
      </tr>
    </thead>
    <tbody>
      ${repeat(
        rows,
        ({ id }) => id,
        (row) => connectionRow(app, row),
      )}
    </tbody>
  </table>
`

function connectionRow(app: App, row: ConnectionRow): TemplateResult {
  const { route, snapshot } = app.state
  const isChosen = row.id === route.connection
  return html`<tr class="is-${row.state} ${isChosen ? 'is-chosen' : ''}">
    <th scope="row">
      <span class="who">
        ${avatar(row.userId)}${stateDot(row.state)}
        <span class="who-words">
          <a
            class="row-link"
            href=${app.linkTo({ tab: 'connections', connection: row.id, group: '' })}
            aria-current=${isChosen ? 'true' : nothing}
            >${row.userId ?? html`<span class="faint">no user</span>`}</a
          >
          <code class="cut">${row.id}</code>
        </span>
      </span>
    </th>
    <td class="middle"><span class="tag">${protocolWord(row.subprotocol)}</span></td>
    <td class="number middle">${formatCount(row.groups)}</td>
    <td class="number ${row.unreadBytes > 65_536 ? 'is-bad' : ''}">
      ${row.unreadBytes === 0 ? html`<span class="faint">0</span>` : formatBytes(row.unreadBytes)}
    </td>
    <td class="number wide">
      ${row.lastSequenceId === undefined ? html`<span class="faint">–</span>` : formatCount(row.lastSequenceId)}
    </td>
    <td class="number" title=${formatDate(row.since)}>${formatAge((snapshot?.at ?? row.since) - row.since)}</td>
  </tr>`
}
