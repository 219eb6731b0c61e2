import type { Chat, ClientEvent, History, User } from '@chatr/protocol'
import { type ChatContext, type Result, done, newEntry, refuse } from './context.ts'
import { settleMembership } from './membership.ts'
import { isMember, privateIdPrefix } from './rules.ts'
import { sha256 } from './sha256.ts'
import { serverEvent } from './tell.ts'

/** Begins a private chat, or leads back to the one that the two have: one that is kept and one off the record. */
export async function createPrivateChat(
  { targetUserId, history = 'kept' }: ClientEvent<'createPrivateChat'>,
  context: ChatContext,
): Promise<Result> {
  const { store, userId } = context
  if (targetUserId === userId) return refuse('BadRequest', 'targetUserId: that is yourself')
  const user = await store.findUser(userId)
  if (user === undefined) return refuse('Forbidden', 'you are not known here')
  const target = await store.findUser(targetUserId)
  if (target === undefined) return refuse('NotFound', `there is no user ${targetUserId}`)
  const { outcome, chat } = await openPrivateChat(context, { user, target, history })
  if (!(chat.kind === 'private' && isMember(chat, userId) && isMember(chat, targetUserId))) {
    return refuse('Duplicate', `the chat ${chat.id} is not that of you two`)
  }
  // Also for a chat that was there: an earlier attempt may have ended halfway.
  for (const one of [userId, targetUserId]) await settleMembership(context, one, chat.id)
  for (const one of outcome === 'created' ? [userId, targetUserId] : [userId]) await invite(context, one, chat)
  return done
}

interface Pair {
  user: User
  target: User
  history: History
}

async function openPrivateChat(context: ChatContext, { user, target, history }: Pair) {
  const { id: entryId, at } = newEntry(context)
  return context.store.createChat({
    id: await privateChatId([user.userId, target.userId], history),
    name: `${user.userName} and ${target.userName}`,
    kind: 'private',
    history,
    owner: { userId: user.userId, userName: user.userName },
    guest: { userId: target.userId, userName: target.userName },
    entryId,
    at,
  })
}

/** The same for both, whoever asks. That it can be worked out is no harm: to everybody else the chat is not there. */
async function privateChatId(userIds: [string, string], history: History): Promise<string> {
  return privateIdPrefix + (await sha256(JSON.stringify([...userIds.sort(), history])))
}

async function invite({ store, pubsub }: ChatContext, invitee: string, { id, owner }: Chat): Promise<void> {
  const chat = await store.findListing(id, invitee)
  if (chat === undefined) return
  const userName = chat.members[owner]?.userName ?? ''
  await pubsub.sendToUser(invitee, serverEvent('joinPrivateChat', { chatId: id, userId: owner, userName, chat }))
}
