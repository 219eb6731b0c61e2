import type { ChatEvents } from './chat-events.ts'
import { connect, connected, disconnected } from './connect.ts'
import { type Backend, logError } from './context.ts'
import { handleEvent } from './handle-event.ts'

/** The chat as the service's upstream, for a service in the same process: nothing in here rejects. */
export const createChatEvents = (backend: Backend): ChatEvents => ({
  connect: async (request) => {
    try {
      return await connect(backend, request)
    } catch (error) {
      logError(backend, error, { at: 'connect', userId: request.userId, connectionId: request.connectionId })
      return { accept: false, status: 500 }
    }
  },
  connected: async (context) => {
    try {
      await connected(backend, context)
    } catch (error) {
      logError(backend, error, { at: 'connected', userId: context.userId, connectionId: context.connectionId })
    }
  },
  event: (context, event) => handleEvent(backend, context, event),
  disconnected: async (context) => {
    try {
      await disconnected(backend, context)
    } catch (error) {
      logError(backend, error, { at: 'disconnected', userId: context.userId, connectionId: context.connectionId })
    }
  },
})
