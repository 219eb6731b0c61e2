import { html, nothing, type TemplateResult } from 'lit-html'
import type { ConnectionView, PermissionView } from '../feed.ts'
import type { App } from './app.ts'
import { formatAge, formatBytes, formatCount, formatDate, plural } from './format.ts'
import { icons } from './icons.ts'
import { avatar, empty, field, loading, onSubmit, protocolWord, stateDot, stateWord } from './parts.ts'
import { messageForm } from './view-message-form.ts'
import { frameList } from './view-frames.ts'

/** The chosen connection, beside the list. */
export function connectionPanel(app: App): TemplateResult {
  const { snapshot, isCurrent, panel, route } = app.state
  const chosen = snapshot?.connection
  if (!chosen || chosen.id !== route.connection) {
    return frameOf(app, isCurrent ? empty('This connection is gone', 'It ended more than a minute ago.') : loading)
  }
  const choose = (to: 'frames' | 'about', label: string) => html`
    <button
      role="tab"
      id="tab-${to}"
      aria-selected=${panel === to ? 'true' : 'false'}
      aria-controls="panel-part"
      @click=${() => app.update({ panel: to })}
    >
      ${label}
    </button>
  `
  return frameOf(
    app,
    html`
      <p class="panel-about">
        ${stateWord(chosen.state)} · ${protocolWord(chosen.subprotocol)} · ${plural(chosen.groups, 'group')}
      </p>
      <div class="segments" role="tablist" aria-label="About this connection">
        ${choose('frames', 'Frames')}${choose('about', 'Details')}
      </div>
      <div class="panel-part" id="panel-part" role="tabpanel" aria-labelledby="tab-${panel}">
        ${panel === 'frames' ? framesPart(app, chosen) : aboutPart(app, chosen)}
      </div>
    `,
    chosen,
  )
}

const frameOf = (app: App, content: TemplateResult, chosen?: ConnectionView) => html`
  <aside class="panel" aria-label="Connection">
    <header class="panel-head">
      ${chosen ? html`<span class="who">${avatar(chosen.userId)}${stateDot(chosen.state)}</span>` : nothing}
      <h2 class="cut">${chosen ? (chosen.userId ?? 'No user') : 'Connection'}</h2>
      <a class="icon-button" href=${app.linkTo({ connection: '' })} aria-label="Close the details">${icons.close}</a>
    </header>
    ${content}
  </aside>
`

function framesPart(app: App, chosen: ConnectionView): TemplateResult {
  const { frames, pausedAt } = app.state
  const shown = pausedAt === undefined ? frames : frames.filter(({ number }) => number <= pausedAt)
  const held = frames.length - shown.length
  const pause = () => app.update({ pausedAt: pausedAt === undefined ? (frames.at(-1)?.number ?? 0) : undefined })
  return html`
    <div class="frames-bar">
      <span>${pausedAt === undefined ? 'Live' : `Paused, ${plural(held, 'new frame')}`}</span>
      <button class="button is-small" aria-pressed=${pausedAt === undefined ? 'false' : 'true'} @click=${pause}>
        ${pausedAt === undefined ? icons.pause : icons.play} ${pausedAt === undefined ? 'Pause' : 'Go on'}
      </button>
    </div>
    <div class="frames-scroll">
      ${
        shown.length === 0
          ? empty('No frames yet', 'Frames are recorded while this page is open, and ten minutes longer.')
          : frameList(app, chosen.id, shown)
      }
    </div>
    ${chosen.state === 'gone' ? nothing : messageForm(app, `Send to ${chosen.userId ?? 'this connection'}`, { connectionId: chosen.id })}
  `
}

function aboutPart(app: App, chosen: ConnectionView): TemplateResult {
  const { at = chosen.since } = app.state.snapshot ?? {}
  return html`
    <div class="about">
      <dl class="facts">
        <dt>Connection</dt>
        <dd class="copy-row">
          <code>${chosen.id}</code>
          <button class="icon-button is-small" aria-label="Copy the connection id" @click=${() => copy(app, chosen.id)}>
            ${icons.copy}
          </button>
        </dd>
        <dt>Since</dt>
        <dd>${formatDate(chosen.since)}, ${formatAge(at - chosen.since)}</dd>
        <dt>Not taken yet</dt>
        <dd>
          ${formatBytes(chosen.unreadBytes)}${chosen.unconfirmed === undefined ? '' : `, ${plural(chosen.unconfirmed, 'message')} unconfirmed`}
        </dd>
        ${
          chosen.lastSequenceId === undefined
            ? nothing
            : html`<dt>Last sequence id</dt>
                <dd>${formatCount(chosen.lastSequenceId)}</dd>`
        }
        ${
          chosen.streams + chosen.invocations > 0
            ? html`<dt>Under way</dt>
                <dd>${plural(chosen.streams, 'stream')}, ${plural(chosen.invocations, 'invocation')}</dd>`
            : nothing
        }
        ${
          chosen.stateBytes > 0
            ? html`<dt>Connection state</dt>
                <dd>${formatBytes(chosen.stateBytes)}, kept for the backend</dd>`
            : nothing
        }
      </dl>
      ${groupsPart(app, chosen)}
      <h3>Permissions</h3>
      ${permission('Join and leave', chosen.permissions.joinLeaveGroup)}
      ${permission('Send to', chosen.permissions.sendToGroup)}
      ${chosen.state === 'gone' ? nothing : closePart(app, chosen)}
    </div>
  `
}

function groupsPart(app: App, { id, groupNames, groups, state }: ConnectionView): TemplateResult {
  const { hub = '' } = app.state.route
  const leave = (group: string) => app.perform('leave', { hub, connectionId: id, group }, `Taken out of ${group}.`)
  const join = async (group: string, form: HTMLFormElement) => {
    if (await app.perform('join', { hub, connectionId: id, group }, `Put into ${group}.`)) form.reset()
  }
  return html`
    <h3>Groups</h3>
    ${groups === 0 ? html`<p class="note">In no group.</p>` : nothing}
    <ul class="chips">
      ${groupNames.map(
        (group) =>
          html`<li class="chip">
            <a class="cut" href=${app.linkTo({ tab: 'groups', group, connection: '', search: '', page: 0 })}
              >${group}</a
            >
            <button aria-label="Take out of ${group}" @click=${() => leave(group)}>${icons.remove}</button>
          </li>`,
      )}
    </ul>
    ${groups > groupNames.length ? html`<p class="note">and ${formatCount(groups - groupNames.length)} more</p>` : nothing}
    ${
      state === 'gone'
        ? nothing
        : html`<form class="inline-form" @submit=${onSubmit((fields, form) => void join(field(fields, 'group'), form))}>
            <label
              ><span class="unseen">Put into group</span
              ><input name="group" placeholder="Put into group" required maxlength="1024" autocomplete="off"
            /></label>
            <button class="button">Put in</button>
          </form>`
    }
  `
}

const permission = (label: string, { all, allowed, denied, patterns }: PermissionView) => html`
  <div class="permission">
    <span>${label}</span>
    <ul class="chips">
      ${all ? html`<li class="chip is-plain">any group</li>` : nothing}
      ${allowed.map((group) => html`<li class="chip is-plain"><span class="cut">${group}</span></li>`)}
      ${patterns.map((pattern) => html`<li class="chip is-plain"><code class="cut">${pattern}</code></li>`)}
      ${denied.map((group) => html`<li class="chip is-denied"><span class="cut">not ${group}</span></li>`)}
      ${!all && allowed.length + patterns.length === 0 ? html`<li class="note">nothing</li>` : nothing}
    </ul>
  </div>
`

function closePart(app: App, { id, userId }: ConnectionView): TemplateResult {
  const close = (reason: string) => {
    const body = { hub: app.state.route.hub, connectionId: id, ...(reason !== '' && { reason }) }
    return app.perform('close', body, `Closed the connection${userId === undefined ? '' : ` of ${userId}`}.`)
  }
  return html`
    <h3>Close</h3>
    <form class="inline-form" @submit=${onSubmit((fields) => void close(field(fields, 'reason')))}>
      <label
        ><span class="unseen">Reason, told to the client</span
        ><input name="reason" placeholder="Reason, told to the client" maxlength="500" autocomplete="off"
      /></label>
      <button class="button is-danger">Close connection</button>
    </form>
  `
}

async function copy(app: App, text: string): Promise<void> {
  // pages from another machine without TLS have no clipboard
  if (!('clipboard' in navigator)) return app.tell('The browser lets only secure pages copy.', true)
  await navigator.clipboard.writeText(text)
  app.tell('Copied.')
}
