import { type ChatContext, type Result, noSuchChat, refuse } from './context.ts'
import { isVisible } from './rules.ts'

/** To somebody who is not in a chat: of a group chat he is told so, a private one is not there. */
export async function refuseOutsider(chatId: string, { store, userId }: ChatContext): Promise<Result> {
  const chat = await store.findChat(chatId)
  if (!isVisible(chat, userId)) return noSuchChat(chatId)
  return refuse('Forbidden', `you are not in the chat ${chatId}`)
}
