/**
 * Why a call of a handler came to nothing. `NetworkError`: nothing, or no HTTP, came back. `Timeout`: not in time.
 * `Unreachable`: whether it may be called could not be asked. `Refused`: it does not want to be called. `Overloaded`:
 * too many calls wait for it. `BadAnswer`, `BadStatus`: it answered, and that is no answer. `BadRequest`: what the
 * client sent fits into no call. `EventHandlerNotFound`: there is none for this event.
 */
export type FaultName =
  | 'NetworkError'
  | 'Timeout'
  | 'Unreachable'
  | 'Refused'
  | 'Overloaded'
  | 'BadAnswer'
  | 'BadStatus'
  | 'BadRequest'
  | 'EventHandlerNotFound'

/** Its stack is no more than its words: it would say nothing about the handler, and clients cause many of them. */
export const webhookFault = (name: FaultName, message: string): Error =>
  Object.assign(new Error(message), { name, stack: `${name}: ${message}` })

export const describeFault = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
