import { html, nothing, type TemplateResult } from 'lit-html'
import type { App } from './app.ts'
import { icons } from './icons.ts'
import { empty, field, listField, onSubmit } from './parts.ts'
import { protocols, type TryClient } from './try-client.ts'
import { frameList } from './view-frames.ts'
import { messageForm } from './view-message-form.ts'

/** A client of the page's own: how it connects, what it can say, and every frame of it. */
export function tryView(app: App): TemplateResult {
  const { client } = app.state
  return html`<div class="try">
    <div class="try-forms">${client.status === 'open' ? sayForms(app) : connectForm(app)}</div>
    <div class="try-frames">
      <div class="frames-bar">
        <span aria-live="polite"
          >${statusWords[client.status]}${client.connectionId ? ` as ${client.connectionId}` : ''}</span
        >
        ${client.frames.length > 0 ? html`<button class="button is-small" @click=${() => client.clear()}>Clear</button>` : nothing}
      </div>
      <div class="frames-scroll">
        ${client.frames.length === 0 ? empty('No frames yet', 'What is sent and received shows up here.') : frameList(app, 'try', client.frames)}
      </div>
    </div>
  </div>`
}

const statusWords: Record<TryClient['status'], string> = {
  closed: 'Not connected',
  connecting: 'Connecting…',
  open: 'Connected',
}

const wishes = [
  { role: 'webpubsub.joinLeaveGroup', label: 'Join and leave any group' },
  { role: 'webpubsub.sendToGroup', label: 'Send to any group' },
]

function connectForm(app: App): TemplateResult {
  const { client, route } = app.state
  const connect = (fields: FormData) =>
    client.connect({
      hub: route.hub ?? '',
      userId: field(fields, 'userId').trim(),
      roles: [...fields.getAll('role').map(String), ...listField(fields, 'roles')],
      groups: listField(fields, 'groups'),
      protocol: field(fields, 'protocol'),
    })
  return html`<form class="form" @submit=${onSubmit((fields) => void connect(fields))}>
    <h2>Connect to ${route.hub}</h2>
    <label class="labelled"><span>User id</span><input name="userId" autocomplete="off" placeholder="none" /></label>
    <label class="labelled"
      ><span>Subprotocol</span
      ><select name="protocol">
        ${protocols.map(({ name, label }) => html`<option value=${name}>${label}</option>`)}
      </select></label
    >
    <label class="labelled"
      ><span>Groups to be in from the start</span><input name="groups" autocomplete="off" placeholder="none"
    /></label>
    <fieldset>
      <legend>Roles</legend>
      ${wishes.map(({ role, label }) => html`<label class="check"><input type="checkbox" name="role" value=${role} checked /><span>${label}</span></label>`)}
      <label class="labelled"
        ><span>More roles</span
        ><input name="roles" autocomplete="off" spellcheck="false" placeholder="webpubsub.sendToGroup.lobby"
      /></label>
    </fieldset>
    <button class="button is-primary" ?disabled=${client.status === 'connecting'}>Connect</button>
  </form>`
}

const sayForms = (app: App) => html`
  ${app.state.client.protocol === '' ? simpleForm(app) : frameForms(app)}
  <section class="form">
    <h2>As the backend</h2>
    <p class="note">Goes to everybody on ${app.state.route.hub}.</p>
    ${messageForm(app, 'Send to everybody', 'all')}
  </section>
  <button class="button" @click=${() => app.state.client.close()}>Disconnect</button>
`

const simpleForm = ({ state: { client } }: App) => html`
  <form class="form" @submit=${onSubmit((fields) => client.send(field(fields, 'data')))}>
    <h2>Say</h2>
    <p class="note">What a simple client says becomes a user event, <code>message</code>.</p>
    ${dataField}
    <button class="button is-primary">Send</button>
  </form>
`

const dataField = html`<label class="labelled"
  ><span>Data</span><textarea name="data" rows="3" required spellcheck="false"></textarea>
</label>`

let lastAckId = 0

type Say = (fields: FormData) => object

const groupFrame =
  (type: string): Say =>
  (fields) => ({ type, group: field(fields, 'name'), ackId: ++lastAckId })

/** JSON where it is JSON, else text. */
function dataOf(fields: FormData): { dataType: 'json' | 'text'; data: unknown } {
  const text = field(fields, 'data')
  try {
    const data = JSON.parse(text) as unknown
    return data === null ? { dataType: 'text', data: text } : { dataType: 'json', data }
  } catch (error) {
    if (error instanceof SyntaxError) return { dataType: 'text', data: text }
    throw error
  }
}

const sayings: Record<string, Say> = {
  joinGroup: groupFrame('joinGroup'),
  leaveGroup: groupFrame('leaveGroup'),
  sendToGroup: (fields) => ({ ...groupFrame('sendToGroup')(fields), ...dataOf(fields) }),
  event: (fields) => ({ type: 'event', event: field(fields, 'name'), ackId: ++lastAckId, ...dataOf(fields) }),
}

function frameForms({ state: { client } }: App): TemplateResult {
  const say = (name: string) => onSubmit((fields) => client.send(JSON.stringify(sayings[name]?.(fields))))
  const sayByButton = (event: SubmitEvent) => {
    const name = event.submitter instanceof HTMLButtonElement ? event.submitter.value : 'sendToGroup'
    say(name)(event)
  }
  return html`
    <form class="form" @submit=${sayByButton}>
      <h2>Groups</h2>
      <label class="labelled"
        ><span>Group</span><input name="name" value="lobby" required maxlength="1024" autocomplete="off"
      /></label>
      <label class="labelled"
        ><span>Data, JSON or text</span><textarea name="data" rows="2" spellcheck="false"></textarea>
      </label>
      <div class="buttons">
        <button class="button is-primary" value="sendToGroup">${icons.send} Send</button>
        <button class="button" value="joinGroup">Join</button>
        <button class="button" value="leaveGroup">Leave</button>
      </div>
    </form>
    <form class="form" @submit=${say('event')}>
      <h2>Events</h2>
      <label class="labelled"
        ><span>Event</span><input name="name" value="message" required autocomplete="off"
      /></label>
      <label class="labelled"
        ><span>Data of the event, JSON or text</span><textarea name="data" rows="2" spellcheck="false"></textarea>
      </label>
      <div class="buttons"><button class="button is-primary">${icons.send} Raise</button></div>
    </form>
    <form class="form" @submit=${onSubmit((fields) => client.send(field(fields, 'frame')))}>
      <h2>Any frame</h2>
      <label class="labelled"
        ><span>Frame, sent as it is</span
        ><textarea name="frame" rows="2" required spellcheck="false" .defaultValue=${'{"type":"ping"}'}></textarea>
      </label>
      <div class="buttons"><button class="button">Send as it is</button></div>
    </form>
  `
}
