/** The page and its browser, as far as the store needs them. */
export interface Page {
  /** Shown and in focus: what is on the screen is being read. */
  isWatched: () => boolean
  isHidden: () => boolean
  /** Listens on window and document; the function that comes back ends it. */
  listen: (events: readonly string[], listener: () => void) => () => void
  setTitle: (title: string) => void
  /** Brings the window to the front, after a click on a notification. */
  focus: () => void
  goTo: (path: string) => void
}

export function browserPage(): Page {
  return {
    isWatched: () => document.visibilityState === 'visible' && document.hasFocus(),
    isHidden: () => document.visibilityState === 'hidden',
    listen(events, listener) {
      const ending = new AbortController()
      const options = { capture: true, passive: true, signal: ending.signal }
      // Captured on window: what is dispatched on document or below passes here as well, once.
      for (const event of events) window.addEventListener(event, listener, options)
      return () => ending.abort()
    },
    setTitle: (title) => void (document.title = title),
    focus: () => window.focus(),
    goTo: (path) => window.location.assign(path),
  }
}
