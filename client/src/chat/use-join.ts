import { useChatr } from '../state/use-chatr.ts'

/** Joins a chat and opens it. A refusal is said by a pop-up. */
export function useJoin() {
  const { actions } = useChatr()
  return async (chatId: string): Promise<void> => {
    const outcome = await actions.joinChat(chatId)
    if (outcome.ok) actions.openChat(chatId)
  }
}
