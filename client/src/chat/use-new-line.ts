import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { ChatState } from '../state/types.ts'
import { indexBeyond, type TimelineItem } from './timeline.ts'

/** Where the "New" line is while a chat is open: how many were unread, since when, and whether it lies above the view. */
export function useNewLine(
  scroller: Ref<HTMLElement | null>,
  chat: () => ChatState,
  items: ComputedRef<readonly TimelineItem[]>,
) {
  const count = chat().unread
  const isAbove = ref(false)
  let wasSeen = false

  const since = computed(() => {
    const { newLineAfter, log } = chat()
    const index = newLineAfter === undefined ? -1 : indexBeyond(items.value, newLineAfter)
    return index > 0 || !log.hasOlder ? items.value[index]?.at : undefined
  })

  function look(): void {
    const view = scroller.value
    if (!view || wasSeen || count === 0 || chat().newLineAfter === undefined) return
    const line = view.querySelector('[data-new]')
    isAbove.value = !line || line.getBoundingClientRect().bottom < view.getBoundingClientRect().top
    wasSeen = !isAbove.value
  }

  return { count, since, isAbove, look }
}
