import type { StorageLike } from '../user-storage.ts'
import type { Page } from '../page.ts'

/** A page without a browser; `emit` is what the browser would tell it. */
export function createTestPage() {
  const listeners = new Set<{ events: readonly string[]; listener: () => void }>()
  const page = {
    watched: true,
    hidden: false,
    title: '',
    wentTo: [] as string[],
    emit(event: string) {
      for (const { events, listener } of listeners) if (events.includes(event)) listener()
    },
  }
  const asPage: Page = {
    isWatched: () => page.watched && !page.hidden,
    isHidden: () => page.hidden,
    listen: (events, listener) => {
      const entry = { events, listener }
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    setTitle: (title) => void (page.title = title),
    focus: () => undefined,
    goTo: (path) => void page.wentTo.push(path),
  }
  return Object.assign(page, { asPage })
}

export function createTestStorage(): StorageLike {
  const items = new Map<string, string>()
  return {
    get length() {
      return items.size
    },
    key: (at) => [...items.keys()][at] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}
