/**
 * Why a call of a handler came to nothing. `NetworkError`: nothing, or no HTTP, came back. `Unreachable`: whether it
 * may be called could not be asked. `Refused`: it does not want to be called. `BadAnswer`, `BadStatus`: it answered,
 * and that is no answer. `EventHandlerNotFound`: there is none for this event.
 */
export type FaultName =
  | 'NetworkError'
  | 'Timeout'
  | 'Unreachable'
  | 'Refused'
  | 'BadAnswer'
  | 'BadStatus'
  | 'BadRequest'
  | 'EventHandlerNotFound'

export const webhookFault = (name: FaultName, message: string): Error => Object.assign(new Error(message), { name })

export const describeFault = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
