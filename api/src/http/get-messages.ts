import { ChatId, MessagesQuery, type MessagesResponse } from '@chatr/protocol'
import * as z from 'zod/mini'
import { isMember, isVisible } from '../chat/rules.ts'
import type { MessageRange } from '../ports.ts'
import { failure, json } from './responses.ts'
import type { SignedInRoute } from './route.ts'

const query = z.compile(MessagesQuery)

/** A page of a chat's log, for its members. */
export const getMessages: SignedInRoute = async ({ store }, { url, params, principal: { userId } }) => {
  const chatId = ChatId.safeParse(params['chatId'])
  const chat = chatId.success ? await store.findChat(chatId.data) : undefined
  if (!isVisible(chat, userId)) return noSuchChat()
  if (!isMember(chat, userId)) return failure('Forbidden', 'join the chat first')
  const asked = query.safeParse(withoutBlanks(url.searchParams))
  if (!asked.success) return failure('BadRequest', describeIssue(asked.error.issues[0]))
  const body: MessagesResponse | undefined = await store.readMessages(chat.id, toRange(asked.data))
  return body === undefined ? noSuchChat() : json(body)
}

const noSuchChat = () => failure('NotFound', 'there is no such chat')

/** `before=` is no position; as a number it would be 0. */
const withoutBlanks = (params: URLSearchParams) =>
  Object.fromEntries([...params].map(([name, value]) => [name, value.trim() === '' ? 'blank' : value]))

const describeIssue = (issue: { path: PropertyKey[]; message: string } | undefined) =>
  [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')

function toRange({ before, after, around, since, limit }: MessagesQuery): MessageRange {
  if (before !== undefined) return { from: 'before', pos: before, limit }
  if (after !== undefined) return { from: 'after', pos: after, limit }
  if (around !== undefined) return { from: 'around', pos: around, limit }
  if (since !== undefined) return { from: 'since', rev: since, limit }
  return { from: 'newest', limit }
}
