import { startService, type TestService } from '../src/testing/service.ts'
import { upgradeRequest } from '../src/testing/raw-client.ts'

/** The service under test, with one token for all clients. */
export interface Subject extends AsyncDisposable {
  port: number
  token: string
  service: TestService
}

/** What the subject answers to a message without content, as an empty answer sends nothing. */
export const emptyEcho = '(empty)'

/** A real service whose simple clients get back what they send, in a frame of the same kind. */
export async function startSubject(): Promise<Subject> {
  const service = startService({
    handler: {
      event: async (_context, { payload }) => {
        const isEmpty = payload.dataType !== 'json' && payload.data.length === 0
        return { reply: isEmpty ? { dataType: 'text', data: emptyEcho } : payload }
      },
    },
  })
  const { token } = await service.hub.getClientAccessToken({ roles: ['webpubsub.sendToGroup'] })
  return { port: service.port, token, service, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

export const clientPath = ({ token }: Pick<Subject, 'token'>) => `/client/hubs/chat?access_token=${token}`

/** The upgrade request of a simple client; with a subprotocol that of another. */
export const upgradeTo = (path: string, subprotocol = '') =>
  upgradeRequest(path, { 'Sec-WebSocket-Protocol': subprotocol })
