import type { ServerEventData, ServerEventName } from '@chatr/protocol'

/** A server event as it goes over the wire. */
export const serverEvent = <Name extends ServerEventName>(chatEvent: Name, data: ServerEventData<Name>) => ({
  chatEvent,
  data,
})
