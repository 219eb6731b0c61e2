import { useChatr } from '../state/use-chatr.ts'

/** Opens my private chat with somebody; it is made when there is none yet. A refusal is said by a pop-up. */
export function useOpenPerson() {
  const { actions } = useChatr()
  return async (userId: string): Promise<void> => {
    const outcome = await actions.createPrivateChat(userId, 'kept')
    if (outcome.ok) actions.openChat(outcome.value)
  }
}
