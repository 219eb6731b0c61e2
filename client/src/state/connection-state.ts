import type { After } from '../connection/timers.ts'
import type { AppState } from './types.ts'

/** What the user is told about the connection. */
export interface ConnectionState {
  onSynced: () => void
  onLost: () => void
  onSignedOut: () => void
  stop: () => void
}

/** A connection that is back within this time was never announced as gone. */
const graceMs = 1_000

export function watchConnection(state: AppState, after: After): ConnectionState {
  let cancel = () => {}
  const become = (connection: AppState['connection']) => {
    cancel()
    if (state.connection !== 'signed-out') state.connection = connection
  }
  return {
    onSynced: () => become('online'),
    onLost: () => {
      cancel()
      if (state.connection === 'online') cancel = after(graceMs, () => become('offline'))
    },
    onSignedOut: () => become('signed-out'),
    stop: () => cancel(),
  }
}
