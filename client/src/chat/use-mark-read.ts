import { onBeforeUnmount, onMounted, type Ref } from 'vue'
import { newestSeen } from './scroll-anchor.ts'

/** How often, in ms, the read position may move while somebody scrolls. */
const everyMs = 250

/**
 * Tells how far the log was seen, by a person: only while the page is visible and has the focus. Call `look` whenever
 * something new may have come into view; at the bottom it counts at once, so that a line that comes while I read is never
 * counted as unread, not even for a frame.
 */
export function useMarkRead(scroller: Ref<HTMLElement | null>, seen: (pos: number) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined

  function report(): void {
    clearTimeout(timer)
    timer = undefined
    if (!scroller.value || document.visibilityState !== 'visible' || !document.hasFocus()) return
    const pos = newestSeen(scroller.value)
    if (pos > 0) seen(pos)
  }
  function look(isAtBottom: boolean): void {
    if (isAtBottom) report()
    else timer ??= setTimeout(report, everyMs)
  }

  onMounted(() => {
    window.addEventListener('focus', report)
    document.addEventListener('visibilitychange', report)
  })
  onBeforeUnmount(() => {
    clearTimeout(timer)
    window.removeEventListener('focus', report)
    document.removeEventListener('visibilitychange', report)
  })
  return { look }
}
