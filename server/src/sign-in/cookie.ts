export interface SessionCookie {
  /** Every value that the request has under the name: another site of the same domain can put one before ours. */
  read(request: Request): string[]
  set(value: string): string
  clear(): string
}

/**
 * The session's cookie. On https it is `Secure` and `__Host-`; on http it cannot be, because browsers disagree about
 * `Secure` cookies on http://localhost (azure.md 6.7).
 */
export function sessionCookie({ isSecure, lifeMs }: { isSecure: boolean; lifeMs: number }): SessionCookie {
  const name = isSecure ? '__Host-chatr_session' : 'chatr_session'
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  return {
    read: (request) => valuesOf(request.headers.get('cookie') ?? '', name),
    set: (value) => `${name}=${value}; ${attributes}; Max-Age=${Math.floor(lifeMs / 1000)}`,
    clear: () => `${name}=; ${attributes}; Max-Age=0`,
  }
}

const valuesOf = (header: string, name: string) =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
