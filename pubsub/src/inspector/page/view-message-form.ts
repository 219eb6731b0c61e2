import { html, type TemplateResult } from 'lit-html'
import { readMessage } from './api.ts'
import type { App } from './app.ts'
import { icons } from './icons.ts'
import { field, onSubmit } from './parts.ts'

export type Target = { connectionId: string } | { group: string } | { userId: string } | 'all'

/** Sends as the backend would: from `server`, or into a group. */
export function messageForm(app: App, label: string, to: Target): TemplateResult {
  return html`<form class="composer" @submit=${onSubmit((fields, form) => void send(app, to, { fields, form }))}>
    <label class="composer-text"
      ><span class="unseen">${label}</span
      ><textarea
        name="text"
        rows="1"
        placeholder=${label}
        required
        spellcheck="false"
        @keydown=${sendOnEnter}
      ></textarea>
    </label>
    <label class="select is-quiet"
      ><span class="unseen">Sent as</span
      ><select name="dataType">
        <option value="text">Text</option>
        <option value="json">JSON</option>
      </select></label
    >
    <button class="send-button" aria-label=${label}>${icons.send}</button>
  </form>`
}

/** Enter sends, Shift and Enter begin a line, as in any chat. */
function sendOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  if (event.target instanceof HTMLTextAreaElement) event.target.form?.requestSubmit()
}

async function send(
  app: App,
  to: Target,
  { fields, form }: { fields: FormData; form: HTMLFormElement },
): Promise<void> {
  const message = readMessage(field(fields, 'dataType'), field(fields, 'text'))
  if (!message) return app.tell('This is not JSON.', true)
  const text = form.elements.namedItem('text')
  const isSent = await app.perform('send', { hub: app.state.route.hub, to, message }, 'Sent.')
  if (isSent && text instanceof HTMLTextAreaElement) text.value = ''
}
