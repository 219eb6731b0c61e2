import { computed, nextTick, onMounted, watch, type Ref } from 'vue'
import { limits } from '@chatr/protocol'
import type { ChatState } from '../state/types.ts'
import { useChatr } from '../state/use-chatr.ts'

/** The counter shows itself when so few characters are left. */
const counterFrom = limits.messageTextMaxLength - 500

/** The text being written in a chat: it is the chat's draft, so it stays when another chat is opened. */
export function useComposer(chat: () => ChatState, box: Ref<HTMLTextAreaElement | null>) {
  const { actions } = useChatr()
  const text = computed(() => chat().draft)
  const left = computed(() => limits.messageTextMaxLength - text.value.length)
  const isCounted = computed(() => text.value.length > counterFrom)
  const isTooLong = computed(() => left.value < 0)
  const canSend = computed(() => text.value.trim() !== '' && !isTooLong.value)

  /** Grows with the text; the style sheet ends it at eight lines. */
  function fit(): void {
    if (!box.value) return
    box.value.style.blockSize = 'auto'
    box.value.style.blockSize = `${box.value.scrollHeight}px`
  }

  function write(value: string): void {
    actions.setDraft(chat().id, value)
    if (value.trim() !== '') actions.signalTyping(chat().id)
  }

  function send(): void {
    if (!canSend.value) return
    actions.send(chat().id, text.value)
    actions.setDraft(chat().id, '')
  }

  onMounted(fit)
  watch(text, () => void nextTick(fit))
  return { text, left, isCounted, isTooLong, canSend, write, send }
}
