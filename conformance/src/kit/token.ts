import { createHmac } from 'node:crypto'

export type Claims = Record<string, unknown>

interface SignOptions {
  alg?: 'HS256' | 'HS512' | 'none'
  kid?: string
}

/** A JSON Web Token of exactly these claims. The key is taken as UTF-8, as Azure does; `alg: none` leaves it unsigned. */
export function signToken(claims: Claims, key: string, { alg = 'HS256', kid }: SignOptions = {}): string {
  const header = { alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) }
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${content}.${alg === 'none' ? '' : createHmac(hashes[alg], key).update(content).digest('base64url')}`
}

const hashes = { HS256: 'sha256', HS512: 'sha512' } as const

/** Seconds since 1970, as tokens count. */
export const now = () => Math.floor(Date.now() / 1_000)
