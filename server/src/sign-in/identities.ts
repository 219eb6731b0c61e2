import { createHash, randomBytes } from 'node:crypto'
import type { ClientPrincipal } from '@chatr/protocol'
import type { EmulatedProvider } from '../config.ts'

const principal = (identityProvider: string, userId: string, userDetails: string): ClientPrincipal => ({
  identityProvider,
  userId,
  userDetails,
  userRoles: ['anonymous', 'authenticated'],
  claims: [],
})

/** A guest is his cookie: who has a guest's session keeps its user id under the new name, everybody else gets a new one. */
export function guestNamed(name: string, current: ClientPrincipal | undefined): ClientPrincipal {
  const known = current?.identityProvider === 'guest' ? current.userId : undefined
  return principal('guest', known ?? `guest:${randomBytes(16).toString('hex')}`, name)
}

/** An emulated account is its name, whatever the letter case: the same person in every browser. */
export function emulatedNamed(provider: EmulatedProvider, name: string): ClientPrincipal {
  const account = JSON.stringify([provider, name.normalize('NFC').toLowerCase()])
  const hash = createHash('sha256').update(account).digest('hex').slice(0, 32)
  return principal(provider, `${provider}:${hash}`, name)
}
