/** Where the lines on the screen stood, topmost first. */
export type Anchors = { id: string; top: number }[]

const anchorsMax = 12

/** Remembers the topmost lines in view before the log is drawn anew. */
export function takeAnchors(scroller: HTMLElement): Anchors {
  const view = scroller.getBoundingClientRect()
  const anchors: Anchors = []
  for (const line of scroller.querySelectorAll<HTMLElement>('[data-anchor]')) {
    const { top, bottom } = line.getBoundingClientRect()
    if (top >= view.bottom || anchors.length === anchorsMax) break
    if (bottom > view.top) anchors.push({ id: line.dataset['anchor'] ?? '', top })
  }
  return anchors
}

/** Scrolls so that the topmost remembered line that is still drawn stands where it stood. */
export function holdAnchors(scroller: HTMLElement, anchors: Anchors): void {
  for (const { id, top } of anchors) {
    const line = scroller.querySelector(`[data-anchor="${CSS.escape(id)}"]`)
    if (!line) continue
    const moved = line.getBoundingClientRect().top - top
    if (Math.abs(moved) >= 1) scroller.scrollTop += moved
    return
  }
}

/** The highest stored pos whose line is wholly above the lower edge of the view; 0 when there is none. */
export function newestSeen(scroller: HTMLElement): number {
  const { bottom } = scroller.getBoundingClientRect()
  const lines = [...scroller.querySelectorAll<HTMLElement>('[data-pos]')]
  const seen = lines.findLast((line) => line.getBoundingClientRect().bottom <= bottom + 4)
  return Number(seen?.dataset['pos'] ?? 0)
}

/** Brings what the selector finds to the upper edge. `scrollIntoView` would scroll what lies around the log as well. */
export function scrollToTop(scroller: HTMLElement, selector: string): void {
  const line = scroller.querySelector(selector)
  if (line) scroller.scrollTop += line.getBoundingClientRect().top - scroller.getBoundingClientRect().top
}
