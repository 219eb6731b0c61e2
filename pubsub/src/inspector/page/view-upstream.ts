import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { UpstreamCallRow } from '../feed.ts'
import type { App } from './app.ts'
import { formatMilliseconds, formatTime, plural } from './format.ts'
import { empty } from './parts.ts'

/** Calls of the hub's event handler, newest first. */
export function upstreamView(app: App): TemplateResult {
  const { calls, onlyFailures } = app.state
  const shown = onlyFailures ? calls.filter(({ isFailed }) => isFailed) : calls
  return html`
    <div class="toolbar">
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          .checked=${onlyFailures}
          @change=${() => app.update({ onlyFailures: !onlyFailures })}
        />
        <span>Only failures</span>
      </label>
      <span class="toolbar-count">${plural(shown.length, 'call')}</span>
    </div>
    ${
      shown.length > 0
        ? callTable(app, shown)
        : empty(
            onlyFailures ? 'Nothing failed' : 'No calls yet',
            onlyFailures
              ? 'Failures are kept apart, so that successes do not push them out.'
              : 'Connects, disconnects and events show up here as they are handed to the backend.',
          )
    }
  `
}

const callTable = (app: App, calls: UpstreamCallRow[]) => html`
  <table class="rows calls">
    <caption class="unseen">
      Upstream calls
    </caption>
    <thead>
      <tr>
        <th scope="col">Time</th>
        <th scope="col">Event</th>
        <th scope="col" class="wide">Connection</th>
        <th scope="col" class="middle">To</th>
        <th scope="col">Answer</th>
        <th scope="col" class="number">Took</th>
        <th scope="col" class="number wide">Attempt</th>
      </tr>
    </thead>
    <tbody>
      ${repeat(
        calls.toReversed(),
        ({ number }) => number,
        (call) => callRow(app, call),
      )}
    </tbody>
  </table>
`

const callRow = (app: App, call: UpstreamCallRow) => html`
  <tr>
    <td><time class="mono">${formatTime(call.at)}</time></td>
    <th scope="row">${call.event}</th>
    <td class="wide">
      ${
        call.connectionId === undefined
          ? nothing
          : html`<a href=${app.linkTo({ tab: 'connections', connection: call.connectionId })}
              ><code class="cut is-id">${call.connectionId}</code></a
            >`
      }
    </td>
    <td class="middle"><span class="cut is-url" title=${call.url ?? ''}>${call.url ?? 'this process'}</span></td>
    <td>
      <span class="tag ${call.isFailed ? 'is-warn' : ''}">${call.status ?? (call.isFailed ? 'failed' : 'done')}</span>
      ${call.error === undefined ? nothing : html`<span class="note">${call.error}</span>`}
    </td>
    <td class="number">${formatMilliseconds(call.milliseconds)}</td>
    <td class="number wide">${call.attempts}</td>
  </tr>
`
