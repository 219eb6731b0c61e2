import * as z from 'zod/mini'

/** Tells the other tabs of this browser that a user has signed out. */
export interface Tabs {
  tellSignedOut: (userId: string) => void
  onSignedOut: (listener: (userId: string) => void) => void
  close: () => void
}

const Notice = z.object({ signedOut: z.string() })

/** Over a `BroadcastChannel`; where there is none, the other tabs learn it from their next 401. */
export function browserTabs(): Tabs {
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('chatr') : undefined
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is windows' postMessage, not a channel's
    tellSignedOut: (userId) => channel?.postMessage({ signedOut: userId }),
    onSignedOut: (listener) =>
      channel?.addEventListener('message', (event: MessageEvent<unknown>) => {
        const notice = Notice.safeParse(event.data)
        if (notice.success) listener(notice.data.signedOut)
      }),
    close: () => channel?.close(),
  }
}
