import { type ClientPrincipal, type TokenResponse, type User, UserName, limits } from '@chatr/protocol'
import type { Backend } from '../chat/context.ts'
import { serverEvent } from '../chat/tell.ts'
import { failure, json } from './responses.ts'
import type { SignedInRoute } from './route.ts'

/** Enough to connect with; short, because somebody who signs out keeps the token that he has. */
const tokenLifeMinutes = 10

/** The way in: remembers who he is, and gives him an address with a token, which goes into no log. */
export const getToken: SignedInRoute = async (backend, { request, url, principal }) => {
  const asked = url.searchParams.get('userId')
  if (asked !== null && asked !== principal.userId) return failure('Forbidden', 'that is another user')
  const user = toUser(principal)
  await remember(backend, user)
  const access = await backend.pubsub.getClientAccessToken({
    userId: user.userId,
    expirationTimeInMinutes: tokenLifeMinutes,
  })
  const origin = backend.publicOrigin?.(request)
  const body: TokenResponse = {
    token: access.token,
    url: atOrigin(access.url, origin),
    baseUrl: atOrigin(access.baseUrl, origin),
    settings: backend.settings,
  }
  return json(body)
}

function toUser({ userId, userDetails, identityProvider }: ClientPrincipal): User {
  // A provider's name for him may be longer than ours, or blank.
  const names = [userDetails, userDetails.slice(0, limits.userNameMaxLength), userId.slice(0, limits.userNameMaxLength)]
  const userName = names.map((name) => UserName.safeParse(name)).find((name) => name.success)?.data
  return { userId, userName: userName ?? identityProvider, userProvider: identityProvider }
}

/** Whoever sees him online learns a new name at once. */
async function remember({ store, pubsub }: Backend, user: User): Promise<void> {
  const known = await store.findUser(user.userId)
  if (known?.userName === user.userName && known.userProvider === user.userProvider) return
  await store.saveUser(user)
  const online = known && (await store.onlineUsers()).find(({ userId }) => userId === user.userId)
  if (online) await pubsub.sendToAll(serverEvent('userOnline', online))
}

/** The embedded service is reached where the browser reached this API. */
function atOrigin(address: string, origin: string | undefined): string {
  if (origin === undefined) return address
  return address.replace(/^wss?:\/\/[^/]*/, origin.replace(/^http/, 'ws').replace(/\/$/, ''))
}
