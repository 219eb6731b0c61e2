import { render } from 'lit-html'
import './tokens.css'
import './layout.css'
import './tables.css'
import './details.css'
import './frames.css'
import './parts.css'
import { post } from './api.ts'
import type { App, State } from './app.ts'
import { startLive } from './live.ts'
import { formatRoute, overview, parseRoute, type Route } from './route.ts'
import { createTryClient } from './try-client.ts'
import { shell } from './view-shell.ts'

const noticeMs = 5_000

const root = document.createElement('div')
root.id = 'app'
document.body.append(root)

const state: State = {
  route: parseRoute(location.hash),
  snapshot: undefined,
  isCurrent: false,
  past: new Map(),
  load: [],
  calls: [],
  frames: [],
  pausedAt: undefined,
  opened: new Set(),
  panel: 'frames',
  onlyFailures: false,
  link: 'connecting',
  notice: undefined,
  client: createTryClient(draw),
}

let isDrawing = false

/** With the next picture of the browser, however often it is called before. */
function draw(): void {
  if (isDrawing) return
  isDrawing = true
  requestAnimationFrame(() => {
    isDrawing = false
    document.title = state.route.hub === undefined ? 'Inside Chatr pubsub' : `${state.route.hub} · Chatr pubsub`
    render(shell(app), root)
  })
}

const changed = (change: Partial<Route>): Route => (change.hub === '' ? overview : { ...state.route, ...change })

let noticeTimer: ReturnType<typeof setTimeout> | undefined

const app: App = {
  state,
  go(change) {
    const hash = formatRoute(changed(change))
    if (hash === location.hash) return
    // searching and turning pages is no way to go back
    history.replaceState(undefined, '', hash)
    moved()
  },
  linkTo: (change) => formatRoute(changed(change)),
  update(change) {
    Object.assign(state, change)
    draw()
  },
  async perform(action, body, done) {
    const outcome = await post(action, body)
    app.tell(outcome.ok ? done : outcome.error, !outcome.ok)
    return outcome.ok
  },
  tell(text, isFailure = false) {
    clearTimeout(noticeTimer)
    noticeTimer = setTimeout(() => app.update({ notice: undefined }), noticeMs)
    app.update({ notice: { text, isFailure } })
  },
}

const live = startLive(state, draw)

/** Takes over what the address says. What was loaded for another choice is forgotten. */
function moved(): void {
  const before = state.route
  state.route = parseRoute(location.hash)
  const { hub, connection } = state.route
  if (hub !== before.hub) state.calls = []
  if (connection !== before.connection) Object.assign(state, { frames: [], pausedAt: undefined, opened: new Set() })
  if (hub !== before.hub && before.hub !== undefined) state.client.close()
  live.follow()
  draw()
}

addEventListener('hashchange', moved)
addEventListener('keydown', (event) => {
  const { connection, group } = state.route
  if (event.key !== 'Escape' || event.defaultPrevented || isField(event.target)) return
  if (connection !== undefined || group !== undefined) app.go({ connection: '', group: '' })
})

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input, textarea, select') && 'value' in target && target.value !== ''

live.follow()
draw()
