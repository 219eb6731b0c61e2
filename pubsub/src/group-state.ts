import type { Connection, StateBoard } from './model.ts'
import { send } from './outbox.ts'
import type { GroupState, GroupStates } from './subprotocols/subprotocol.ts'

/**
 * What members of a group tell about themselves, such as "typing" or a cursor (spec 5.7). The frames are those of the
 * official client 1.1.0; no service behaviour is published, so these rules are ours: only a member has a state, it is
 * gone when he leaves or his connection ends, and everybody who listens is told.
 */
export function setGroupState(connection: Connection, group: string, state: GroupState | undefined): void {
  const known = connection.hub.boards.get(group)
  const updatedAt = connection.hub.engine.clock()
  if (state) {
    const board = known ?? openBoard(connection, group)
    board.states.set(connection, { state, updatedAt })
    connection.boards = (connection.boards ?? new Set()).add(group)
  } else if (!known?.states.delete(connection)) {
    return
  }
  tell(connection, group, { state, updatedAt })
}

/** From now on the connection hears of each change. The answer is what stands there now. */
export function subscribeGroupState(connection: Connection, group: string): GroupStates {
  const board = openBoard(connection, group)
  board.subscribers.add(connection)
  connection.boards = (connection.boards ?? new Set()).add(group)
  const items = [...board.states].map(([member, { state, updatedAt }]) => itemOf(member, state, updatedAt))
  return { group, items }
}

export function unsubscribeGroupState(connection: Connection, group: string): void {
  const board = connection.hub.boards.get(group)
  board?.subscribers.delete(connection)
  forget(connection, group)
}

/** He left the group, so he has no state there. */
export function leaveBoard(connection: Connection, group: string): void {
  if (!connection.boards?.has(group)) return
  setGroupState(connection, group, undefined)
  forget(connection, group)
}

/** He is gone, so he has no state anywhere, nor listens. */
export function leaveAllBoards(connection: Connection): void {
  for (const group of connection.boards ?? []) {
    setGroupState(connection, group, undefined)
    unsubscribeGroupState(connection, group)
  }
}

function openBoard({ hub }: Connection, group: string): StateBoard {
  const board = hub.boards.get(group) ?? { states: new Map(), subscribers: new Set() }
  hub.boards.set(group, board)
  return board
}

/** Drops what nobody needs any more, of the connection and of the hub. */
function forget(connection: Connection, group: string): void {
  const { boards } = connection.hub
  const board = boards.get(group)
  if (board && (board.states.has(connection) || board.subscribers.has(connection))) return
  connection.boards?.delete(group)
  if (board && board.states.size === 0 && board.subscribers.size === 0) boards.delete(group)
}

function tell(
  connection: Connection,
  group: string,
  change: { state: GroupState | undefined; updatedAt: number },
): void {
  const items = [itemOf(connection, change.state, change.updatedAt)]
  for (const subscriber of connection.hub.boards.get(group)?.subscribers ?? []) {
    const frame = subscriber.subprotocol.control?.formatGroupState?.('groupStateUpdate', { group, items })
    if (frame !== undefined) send(subscriber, frame)
  }
}

function itemOf(
  { context }: Connection,
  state: GroupState | undefined,
  updatedAt: number,
): GroupStates['items'][number] {
  const { connectionId, userId } = context
  return { connectionId, userId, state, updatedAt }
}
