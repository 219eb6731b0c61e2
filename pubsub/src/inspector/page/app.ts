import type { FrameRow, HubView, Sample, Snapshot, UpstreamCallRow } from '../feed.ts'
import type { Route } from './route.ts'
import type { TryClient } from './try-client.ts'

/** What the page knows. It is changed by `live.ts` and by what people do, then drawn as a whole. */
export interface State {
  route: Route
  snapshot: Snapshot | undefined
  /** Whether the snapshot answers what the route asks. */
  isCurrent: boolean
  past: Map<string, Sample[]>
  /** What the process used, second by second since the page is open. */
  load: { cpuShare: number; memoryBytes: number }[]
  calls: UpstreamCallRow[]
  /** Of the chosen connection. */
  frames: FrameRow[]
  /** The last frame that is shown while paused. */
  pausedAt: number | undefined
  opened: Set<string>
  panel: 'frames' | 'about'
  onlyFailures: boolean
  link: 'connecting' | 'live' | 'lost'
  notice: Notice | undefined
  client: TryClient
}

interface Notice {
  text: string
  isFailure: boolean
}

/** What views are given. */
export interface App {
  state: State
  /** Goes elsewhere, keeping what is not named. */
  go(change: Partial<Route>): void
  /** Where `go` would lead, as a link. */
  linkTo(change: Partial<Route>): string
  /** Changes what is known and draws. */
  update(change: Partial<State>): void
  /** Does something on the server; tells how it went. True when it went well. */
  perform(action: string, body: object, done: string): Promise<boolean>
  tell(text: string, isFailure?: boolean): void
}

export const hubOf = ({ snapshot, route }: State): HubView | undefined =>
  snapshot?.hubs.find(({ name }) => name === route.hub)
