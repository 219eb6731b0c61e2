import { internalError } from './acks.ts'
import { sizeOf } from './message.ts'
import type { Connection } from './model.ts'
import { send } from './outbox.ts'
import type { InvocationFrame, InvocationResult, ProtocolError } from './subprotocols/subprotocol.ts'
import { raiseEvent } from './upstream.ts'

type Invoke = Extract<InvocationFrame, { type: 'invoke' }>

/**
 * Asks the backend and gives the client its answer (spec 5.5). Begun in the order of the frames, but nothing waits for
 * it: a slow answer holds up neither events nor other invocations.
 */
export function invoke(connection: Connection, frame: Invoke): void {
  const { invocationId } = frame
  const bytes = sizeOf(frame.content)
  const refusal = refuse(connection, invocationId, bytes)
  if (refusal) {
    respond(connection, invocationId, { error: refusal })
    return
  }
  const invocation = { isCancelled: false, bytes }
  connection.invocations ??= new Map()
  connection.invocations.set(invocationId, invocation)
  void ask(connection, frame).then((result) => {
    connection.invocations?.delete(invocationId)
    if (!invocation.isCancelled) respond(connection, invocationId, result)
    connection.inbox?.onIdle?.()
    return undefined
  })
}

/** Whatever comes later is dropped. */
export function cancelInvocation({ invocations }: Connection, invocationId: string): void {
  const invocation = invocations?.get(invocationId)
  if (invocation) invocation.isCancelled = true
}

function refuse({ invocations, hub }: Connection, invocationId: string, bytes: number): ProtocolError | undefined {
  if (!invocations) return undefined
  const { invocationsPerConnectionMax, inboundMaxBytes } = hub.engine.limits
  if (invocations.has(invocationId)) return badRequest(`An invocation with the id '${invocationId}' is open.`)
  if (invocations.size >= invocationsPerConnectionMax)
    return badRequest(`${invocationsPerConnectionMax} invocations are open, the most allowed.`)
  const open = [...invocations.values()].reduce((sum, invocation) => sum + invocation.bytes, 0)
  return open + bytes <= inboundMaxBytes ? undefined : badRequest('The open invocations hold too many bytes.')
}

const badRequest = (message: string): ProtocolError => ({ name: 'BadRequest', message })

async function ask(connection: Connection, { event, content }: Invoke): Promise<InvocationResult> {
  const outcome = await raiseEvent(connection, { name: event, content, metadata: undefined })
  return outcome === 'failed' ? { error: internalError } : { content: outcome.content }
}

function respond(connection: Connection, invocationId: string, result: InvocationResult): void {
  const frame = connection.subprotocol.control?.formatInvokeResponse?.(invocationId, result)
  if (frame !== undefined) send(connection, frame)
}
