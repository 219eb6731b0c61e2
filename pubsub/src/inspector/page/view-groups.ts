import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { GroupRow } from '../feed.ts'
import type { App } from './app.ts'
import { formatCount, plural } from './format.ts'
import { icons } from './icons.ts'
import { avatar, empty, loading, pager, protocolWord, searchField, stateDot } from './parts.ts'
import { messageForm } from './view-message-form.ts'

/** The groups of a hub, the largest first. */
export function groupsView(app: App): TemplateResult {
  const list = app.state.snapshot?.groups
  return html`
    <div class="toolbar">
      ${searchField(app, 'Group')}
      <span class="toolbar-count" aria-live="polite">${list ? plural(list.total, 'group') : ''}</span>
    </div>
    ${list ? (list.rows.length > 0 ? groupTable(app, list.rows) : noGroups(app)) : loading}
    ${list ? pager(list, app) : nothing}
  `
}

const noGroups = ({ state }: App) =>
  state.route.search === ''
    ? empty('No groups', 'A group exists while it has a member.')
    : empty('No group like that', 'Groups are found by any part of their names.')

const groupTable = (app: App, rows: GroupRow[]) => {
  const most = Math.max(1, ...rows.map(({ members }) => members))
  return html`<table class="rows groups">
    <caption class="unseen">
      Groups
    </caption>
    <thead>
      <tr>
        <th scope="col">Group</th>
        <th scope="col" class="number">Members</th>
        <th scope="col" class="bar-cell"><span class="unseen">Compared with the largest</span></th>
      </tr>
    </thead>
    <tbody>
      ${repeat(
        rows,
        ({ name }) => name,
        ({ name, members }) =>
          html`<tr class=${name === app.state.route.group ? 'is-chosen' : ''}>
            <th scope="row">
              <a
                class="row-link cut"
                href=${app.linkTo({ group: name })}
                aria-current=${name === app.state.route.group ? 'true' : nothing}
                >${name}</a
              >
            </th>
            <td class="number">${formatCount(members)}</td>
            <td class="bar-cell">
              <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect width=${(members / most) * 100} height="6" rx="3" />
              </svg>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** The chosen group, beside the list. */
export function groupPanel(app: App): TemplateResult {
  const { snapshot, route } = app.state
  const { group = '' } = route
  const members = snapshot?.connections
  return html`<aside class="panel" aria-label="Group">
    <header class="panel-head">
      <h2 class="cut">${group}</h2>
      <a class="icon-button" href=${app.linkTo({ group: '' })} aria-label="Close the details">${icons.close}</a>
    </header>
    <p class="panel-about">${members ? plural(members.total, 'member') : ''}</p>
    <div class="panel-part">
      <div class="frames-scroll">
        ${members && members.total === 0 ? empty('This group is empty', 'It exists again with its next member.') : nothing}
        <ul class="people" aria-label="Members">
          ${repeat(
            members?.rows ?? [],
            ({ id }) => id,
            ({ id, userId, state, subprotocol }) =>
              html`<li>
                <a href=${app.linkTo({ tab: 'connections', connection: id, group: '', search: '', page: 0 })}>
                  <span class="who">${avatar(userId)}${stateDot(state)}</span>
                  <span class="who-words"
                    ><span class="cut">${userId ?? 'no user'}</span><code class="cut">${id}</code></span
                  >
                  <span class="tag">${protocolWord(subprotocol)}</span>
                </a>
              </li>`,
          )}
        </ul>
        ${members && members.total > members.rows.length ? html`<p class="note">The newest ${formatCount(members.rows.length)} of ${formatCount(members.total)}.</p>` : nothing}
      </div>
      ${messageForm(app, `Send to ${group}`, { group })}
    </div>
  </aside>`
}
