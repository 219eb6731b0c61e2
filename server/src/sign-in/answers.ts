import type { ErrorResponse } from '@chatr/protocol'

const noStore = { 'cache-control': 'no-store' }

/** To another place of this site; `cookie` is a whole `Set-Cookie` value. */
export function redirect(status: 302 | 303 | 307, location: string, cookie?: string): Response {
  return new Response(null, { status, headers: { ...noStore, location, ...(cookie && { 'set-cookie': cookie }) } })
}

export const answerJson = (status: number, body: unknown) => Response.json(body, { status, headers: noStore })

export const answerError = (status: number, code: ErrorResponse['error']['code'], message: string) =>
  answerJson(status, { error: { code, message } } satisfies ErrorResponse)

export const wantsJson = (request: Request) => request.headers.get('accept')?.includes('application/json') ?? false
