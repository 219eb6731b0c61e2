import { computed, shallowRef, watch } from 'vue'
import type { Member } from '@chatr/protocol'
import type { ChatState } from '../state/types.ts'
import { groupMessages } from './group-messages.ts'
import { newerWindow, olderWindow, windowAfter, windowAround, windowAtEnd } from './log-window.ts'
import { indexBeyond, isStored, mergeTimeline } from './timeline.ts'

/**
 * The drawn part of a chat's log as rows, and the ways to move it. `follows` says whether the reader is at the newest
 * line. The rows change only through the log itself and through the functions given back.
 */
export function useLogWindow(chat: () => ChatState, me: () => Member, follows: () => boolean) {
  const items = computed(() => mergeTimeline(chat().log.entries, chat().relayed))
  const shown = shallowRef(windowAtEnd(items.value.length))
  let target: number | undefined

  const isAtStart = computed(() => shown.value.start === 0)
  const isAtEnd = computed(() => shown.value.end >= items.value.length && !chat().log.hasNewer)

  const previousPos = computed(() => {
    if (isAtStart.value) return chat().log.hasOlder ? undefined : 0
    const previous = items.value[shown.value.start - 1]
    return previous && isStored(previous) ? previous.pos : undefined
  })

  const rows = computed(() =>
    groupMessages({
      items: items.value.slice(shown.value.start, shown.value.end),
      pending: isAtEnd.value ? chat().pending : [],
      me: me(),
      keepsHistory: chat().history === 'kept',
      newLineAfter: chat().newLineAfter,
      previousPos: previousPos.value,
    }),
  )

  function replaced(count: number): void {
    shown.value = target === undefined ? windowAtEnd(count) : windowAround(indexBeyond(items.value, target - 1), count)
  }

  watch([() => items.value.length, () => items.value[0]?.id], ([count, firstId], [oldCount, oldFirstId]) => {
    const prepended = firstId === oldFirstId ? 0 : items.value.findIndex(({ id }) => id === oldFirstId)
    if (prepended === -1 || count < oldCount) replaced(count)
    else shown.value = windowAfter(shown.value, { oldCount, count, prepended, follows: follows() })
  })

  return {
    items,
    rows,
    isAtStart,
    isAtEnd,
    toOlder: () => (shown.value = olderWindow(shown.value)),
    toNewer: () => (shown.value = newerWindow(shown.value, items.value.length)),
    toEnd: () => (shown.value = windowAtEnd(items.value.length)),
    /** Shows what is around `pos`, as soon as it is there. */
    toPos(pos: number) {
      target = pos
      shown.value = windowAround(indexBeyond(items.value, pos - 1), items.value.length)
    },
    forgetTarget: () => (target = undefined),
  }
}
