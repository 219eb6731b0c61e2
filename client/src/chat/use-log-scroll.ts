import { onBeforeUnmount, onBeforeUpdate, onMounted, onUpdated, ref, type Ref } from 'vue'
import { holdAnchors, takeAnchors, type Anchors } from './scroll-anchor.ts'

/** So near to the lower end (px) counts as being there. */
const atBottomPx = 40

interface LogScroll {
  scroller: Ref<HTMLElement | null>
  content: Ref<HTMLElement | null>
  /** The newest line is drawn. */
  isAtEnd: () => boolean
  /** An end of what is drawn comes near: draw or load more there. */
  neared: (end: 'older' | 'newer') => void
  scrolled: () => void
}

/**
 * Keeps a log's scroll position: at the bottom it stays at the bottom, whatever grows; elsewhere what is being read stays
 * where it is, whatever is drawn above or below. Call in the component that draws the log.
 */
export function useLogScroll({ scroller, content, isAtEnd, neared, scrolled }: LogScroll) {
  const sticks = ref(true)
  let anchors: Anchors = []
  let frame = 0
  let last = { top: 0, width: 0, height: 0 }

  function toBottom(): void {
    if (scroller.value) scroller.value.scrollTop = scroller.value.scrollHeight
  }

  function look(): void {
    frame = 0
    const view = scroller.value
    if (!view) return
    // Something grew since the last look and nobody scrolled away: who was at the bottom still is. A view of another size
    // (the window, the composer, a keyboard) may have been moved up by the browser itself.
    const isResized = view.clientWidth !== last.width || view.clientHeight !== last.height
    if (sticks.value && (isResized || view.scrollTop >= last.top)) toBottom()
    last = { top: view.scrollTop, width: view.clientWidth, height: view.clientHeight }
    const below = view.scrollHeight - view.scrollTop - view.clientHeight
    sticks.value = below <= atBottomPx && isAtEnd()
    const near = Math.max(600, view.clientHeight * 1.5)
    if (view.scrollTop < near) neared('older')
    if (below < near && !isAtEnd()) neared('newer')
    scrolled()
  }

  /** At most once a frame. */
  function lookSoon(): void {
    frame ||= requestAnimationFrame(look)
  }

  const resizes = new ResizeObserver(() => {
    if (sticks.value) toBottom()
    lookSoon()
  })
  onMounted(() => {
    toBottom()
    for (const part of [scroller.value, content.value]) if (part) resizes.observe(part)
  })
  onBeforeUnmount(() => {
    resizes.disconnect()
    cancelAnimationFrame(frame)
  })
  onBeforeUpdate(() => {
    anchors = scroller.value && !sticks.value ? takeAnchors(scroller.value) : []
  })
  onUpdated(() => {
    if (sticks.value) toBottom()
    else if (scroller.value) holdAnchors(scroller.value, anchors)
    lookSoon()
  })

  return { sticks, toBottom, lookSoon }
}
