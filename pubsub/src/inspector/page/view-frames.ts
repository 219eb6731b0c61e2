import { html, nothing, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { FrameRow } from '../feed.ts'
import type { App } from './app.ts'
import { formatBytes, formatTime } from './format.ts'
import { type FrameSummary, pretty, summarise, tokenise } from './frame-text.ts'
import { icons } from './icons.ts'

/** A frame never changes: its line is made once. */
const summaries = new WeakMap<FrameRow, FrameSummary>()

function summaryOf(frame: FrameRow): FrameSummary {
  const known = summaries.get(frame)
  if (known) return known
  const summary = summarise(frame)
  summaries.set(frame, summary)
  return summary
}

/** Frames as a list, newest first. `name` keeps apart what is opened in different lists. */
export function frameList(app: App, name: string, frames: FrameRow[]): TemplateResult {
  const newestFirst = frames.toReversed()
  return html`<ol class="frames" aria-label="Frames, newest first">
    ${repeat(
      newestFirst,
      ({ number }) => number,
      (frame) => frameLine(app, `${name}/${frame.number}`, frame),
    )}
  </ol>`
}

function frameLine(app: App, key: string, frame: FrameRow): TemplateResult {
  const { title, about, preview, isFailure } = summaryOf(frame)
  const isOpen = app.state.opened.has(key)
  const isIn = frame.direction === 'in'
  return html`<li class="frame ${isIn ? 'is-in' : 'is-out'} ${isFailure ? 'is-failure' : ''}">
    <button class="frame-line" aria-expanded=${isOpen ? 'true' : 'false'} @click=${() => toggle(app, key)}>
      <span class="frame-way" title=${isIn ? 'From the client' : 'To the client'}
        >${isIn ? icons.into : icons.out}<span class="unseen">${isIn ? 'From the client' : 'To the client'}</span></span
      >
      <span class="frame-words"
        ><span class="frame-title">${title}</span>${about ? html` <span class="frame-about">${about}</span>` : nothing}
        ${preview ? html`<span class="frame-preview">${preview}</span>` : nothing}</span
      >
      <span class="frame-facts"><time>${formatTime(frame.at)}</time><span>${formatBytes(frame.bytes)}</span></span>
    </button>
    ${isOpen ? frameBody(frame) : nothing}
  </li>`
}

function toggle(app: App, key: string): void {
  const opened = new Set(app.state.opened)
  if (!opened.delete(key)) opened.add(key)
  app.update({ opened })
}

function frameBody(frame: FrameRow): TemplateResult {
  const text = pretty(frame)
  const isJson = frame.text !== undefined && /^[[{]/.test(text)
  const words = isJson ? tokenise(text).map(({ kind, text }) => html`<span class="json-${kind}">${text}</span>`) : text
  return html`<div class="frame-body">
    <pre tabindex="0" aria-label="The whole frame">${words}</pre>
    ${frame.isCut ? html`<p class="note">The first 2 KB of ${formatBytes(frame.bytes)} are kept.</p>` : nothing}
  </div>`
}
