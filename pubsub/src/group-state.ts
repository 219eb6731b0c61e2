import type { Connection, StateBoard } from './model.ts'
import { send } from './outbox.ts'
import { isAllowed } from './roles.ts'
import type { GroupState, GroupStates } from './subprotocols/subprotocol.ts'

/**
 * What members of a group tell about themselves, such as "typing" or a cursor (spec 5.7). The frames are those of the
 * official client 1.1.0; no service behaviour is published, so these rules are ours: only a member has a state, it is
 * gone when he leaves or his connection ends, and everybody who listens is told.
 */
export function setGroupState(connection: Connection, group: string, state: GroupState | undefined): void {
  const known = connection.hub.boards.get(group)
  const updatedAt = connection.hub.engine.clock()
  connection.stateBytes += bytesOf(state) - bytesOf(known?.states.get(connection)?.state)
  if (state) {
    const board = known ?? openBoard(connection, group)
    board.states.set(connection, { state, updatedAt })
    connection.boards = (connection.boards ?? new Set()).add(group)
  } else if (!known?.states.delete(connection)) {
    return
  }
  tell(connection, group, { state, updatedAt })
  if (!state) forget(connection, group)
}

/** From now on the connection hears of each change; first of what stands there now. */
export function subscribeGroupState(connection: Connection, group: string): void {
  openBoard(connection, group).subscribers.add(connection)
  connection.boards = (connection.boards ?? new Set()).add(group)
  sendSnapshot(connection, group)
}

/** What a connection that was away missed: the boards it listens to, as they stand now. */
export function refreshBoards(connection: Connection): void {
  for (const group of connection.boards ?? []) {
    if (connection.hub.boards.get(group)?.subscribers.has(connection)) sendSnapshot(connection, group)
  }
}

function sendSnapshot(connection: Connection, group: string): void {
  const states = connection.hub.boards.get(group)?.states ?? new Map<Connection, never>()
  const items = [...states].map(([member, { state, updatedAt }]) => itemOf(member, state, updatedAt))
  const frame = connection.subprotocol.control?.formatGroupState?.('groupStateSnapshot', { group, items })
  if (frame !== undefined) send(connection, frame)
}

/** What all states of the connection would take with this one. */
export function stateBytesWith(connection: Connection, group: string, state: GroupState): number {
  const { stateBytes, hub } = connection
  return stateBytes - bytesOf(hub.boards.get(group)?.states.get(connection)?.state) + bytesOf(state)
}

const bytesOf = (state: GroupState | undefined) => (state ? Buffer.byteLength(JSON.stringify(state)) : 0)

export function unsubscribeGroupState(connection: Connection, group: string): void {
  const board = connection.hub.boards.get(group)
  board?.subscribers.delete(connection)
  forget(connection, group)
}

/** He left the group, so he has no state there, and hears of it only if he may come back. */
export function leaveBoard(connection: Connection, group: string): void {
  if (!connection.boards?.has(group)) return
  setGroupState(connection, group, undefined)
  if (!isAllowed(connection.permissions, 'joinLeaveGroup', group)) unsubscribeGroupState(connection, group)
}

/** He is gone, so he listens nowhere any more, nor has a state. */
export function leaveAllBoards(connection: Connection): void {
  for (const group of connection.boards ?? []) {
    unsubscribeGroupState(connection, group)
    setGroupState(connection, group, undefined)
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
