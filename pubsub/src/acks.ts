import type { Connection } from './model.ts'
import { send } from './outbox.ts'
import { isAllowed, type PermissionName } from './roles.ts'
import type { AckError, AckId } from './subprotocols/subprotocol.ts'

interface GroupFrame {
  group: string
  ackId: AckId | undefined
}

interface GroupOperation {
  permission: PermissionName
  /** As the refusal words it. */
  verb: string
  /** What keeps it from being done, if anything. */
  perform: () => AckError | undefined | void
}

/**
 * Runs an operation on a group, once per ackId and if it is permitted, and acknowledges it. `forbidden` is for those
 * whom no ack can tell.
 */
export function act(connection: Connection, frame: GroupFrame, operation: GroupOperation): 'done' | 'forbidden' {
  const { group, ackId } = frame
  if (isRepeated(connection, ackId)) return 'done'
  const isPermitted = isAllowed(connection.permissions, operation.permission, group)
  acknowledge(connection, ackId, isPermitted ? operation.perform() || undefined : forbidden(operation.verb, group))
  return isPermitted ? 'done' : 'forbidden'
}

export const forbidden = (verb: string, group: string): AckError => ({
  name: 'Forbidden',
  message: `The client does not have permission to ${verb} group '${group}'.`,
})

export const internalError: AckError = { name: 'InternalServerError', message: 'Internal server error' }

/** An ackId that succeeded before is not executed again, and the client is told so. */
export function isRepeated(connection: Connection, ackId: AckId | undefined): boolean {
  if (ackId === undefined || !connection.acked?.has(ackId)) return false
  sendAck(connection, ackId, { name: 'Duplicate', message: `Message with ack-id: ${ackId} has been processed` })
  return true
}

/** Without an ackId nobody asked. A failed id is not remembered: it may be tried again. */
export function acknowledge(connection: Connection, ackId: AckId | undefined, error?: AckError): void {
  if (ackId === undefined) return
  if (!error) remember(connection, ackId)
  sendAck(connection, ackId, error)
}

function remember(connection: Connection, ackId: AckId): void {
  const acked = (connection.acked ??= new Set())
  acked.add(ackId)
  if (acked.size <= connection.hub.engine.limits.ackCacheSize) return
  const [oldest] = acked
  if (oldest !== undefined) acked.delete(oldest)
}

function sendAck(connection: Connection, ackId: AckId, error: AckError | undefined): void {
  const ack = connection.subprotocol.control?.formatAck(ackId, error)
  if (ack !== undefined) send(connection, ack)
}
