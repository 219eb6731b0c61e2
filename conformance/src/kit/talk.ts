import type { ConnectOptions, Context } from './context.ts'

export const ok = (ackId: number) => `{"type":"ack","ackId":${ackId},"success":true}`
export const fails = (ackId: number, name: string, message: string) =>
  `{"type":"ack","ackId":${ackId},"success":false,"error":{"name":"${name}","message":"${message}"}}`
export const fromLobby = (rest: string) => `{"type":"message","from":"group","group":"lobby",${rest}}`

/** Each frame is answered exactly so, by nothing where the answer is empty, and by nothing more. */
export async function talks(context: Context, options: ConnectOptions, steps: [string, string][]) {
  const client = await context.connect(options)
  for (const [frame, answer] of steps) {
    client.send(frame)
    if (answer !== '') await client.expects(answer)
    await client.silence()
  }
}
