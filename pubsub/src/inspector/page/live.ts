import type { FrameRow, Snapshot, UpstreamCallRow } from '../feed.ts'
import { feedLimits } from '../feed.ts'
import type { State } from './app.ts'
import { formatFeedQuery } from './route.ts'

/** How many frames of the chosen connection the page remembers. */
const framesMax = 300

/** The feed of what the route asks for, as long as the page can be seen. */
export interface Live {
  /** To be called when the route is another. */
  follow(): void
}

export function startLive(state: State, draw: () => void): Live {
  let source: EventSource | undefined
  let asked: string | undefined
  const open = () => {
    source?.close()
    source = undefined
    if (document.hidden) return
    source = new EventSource(`/inspector/api/feed${asked ?? ''}`)
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      // the server's own words, as its types say
      receive(state, JSON.parse(data) as Snapshot)
      draw()
    })
    source.addEventListener('error', () => {
      state.link = 'lost'
      // It comes back by itself after a broken line, but not after an answer that is no feed.
      if (source?.readyState === EventSource.CLOSED) setTimeout(open, 2_000)
      draw()
    })
  }
  document.addEventListener('visibilitychange', open)
  return {
    follow() {
      const query = formatFeedQuery(state.route)
      if (query === asked) return
      asked = query
      state.isCurrent = false
      open()
    },
  }
}

function receive(state: State, snapshot: Snapshot): void {
  state.link = 'live'
  state.snapshot = snapshot
  state.isCurrent = true
  if (snapshot.past) state.past = new Map(Object.entries(snapshot.past))
  else for (const { name, now } of snapshot.hubs) remember(state, name, now)
  state.load = [...state.load, snapshot.service].slice(-feedLimits.samples)
  state.calls = appended(state.calls, snapshot.calls, feedLimits.calls)
  state.frames = appended(state.frames, snapshot.frames, framesMax)
}

function remember({ past }: State, hub: string, now: NonNullable<ReturnType<State['past']['get']>>[number]): void {
  const samples = past.get(hub) ?? []
  samples.push(now)
  if (samples.length > feedLimits.samples) samples.shift()
  past.set(hub, samples)
}

/** A feed that was opened again begins with what is known already, or from 1 when the service forgot what it had. */
function appended<Row extends FrameRow | UpstreamCallRow>(known: Row[], news: Row[] = [], max: number): Row[] {
  const last = known.at(-1)?.number ?? 0
  if (news.length > 0 && (news.at(-1)?.number ?? 0) < last) return news
  const fresh = news.filter(({ number }) => number > last)
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-max)
}
