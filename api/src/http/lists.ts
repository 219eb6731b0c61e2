import type { ChatsResponse, UsersResponse } from '@chatr/protocol'
import { json } from './responses.ts'
import type { SignedInRoute } from './route.ts'

/** Who is online. */
export const getUsers: SignedInRoute = async ({ store }) => {
  const users = await store.onlineUsers()
  const body: UsersResponse = { users: Object.fromEntries(users.map((user) => [user.userId, user])) }
  return json(body)
}

/** All group chats, and the caller's own private ones. */
export const getChats: SignedInRoute = async ({ store }, { principal }) => {
  const chats = await store.listChats(principal.userId)
  const body: ChatsResponse = { chats: Object.fromEntries(chats.map((chat) => [chat.id, chat])) }
  return json(body)
}
