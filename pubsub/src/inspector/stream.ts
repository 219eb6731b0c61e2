import type { FeedQuery, Snapshot } from './feed.ts'
import { describeService, describeView, newProgress, type Sources } from './snapshot.ts'

/** Pages that look, together. Browsers allow six to a site, so these are some people's. */
const streamsMax = 32

/** The live feeds: each gets its snapshot at once, and one with every `push`. */
export interface Feeds {
  /** `undefined` when too many look already. */
  open(query: FeedQuery): ReadableStream<Uint8Array> | undefined
  push(): void
  close(): void
  readonly count: number
}

interface Feed {
  send(shared: ReturnType<typeof describeService>): void
  end(): void
}

export function createFeeds(sources: Sources): Feeds {
  const feeds = new Set<Feed>()
  return {
    open: (query) => (feeds.size >= streamsMax ? undefined : openFeed({ sources, feeds, query })),
    push() {
      if (feeds.size === 0) return
      const shared = describeService(sources)
      for (const feed of feeds) feed.send(shared)
    },
    close() {
      for (const feed of feeds) feed.end()
    },
    get count() {
      return feeds.size
    },
  }
}

interface Opening {
  sources: Sources
  feeds: Set<Feed>
  query: FeedQuery
}

function openFeed({ sources, feeds, query }: Opening): ReadableStream<Uint8Array> {
  const unpin = query.connection === undefined ? () => {} : sources.recorder.pin(query.connection)
  let feed: Feed | undefined
  const forget = () => {
    if (feed && feeds.delete(feed)) unpin()
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        feed = feedTo({ controller, sources, query, forget })
        feeds.add(feed)
        feed.send(describeService(sources))
      },
      cancel: forget,
    },
    new CountQueuingStrategy({ highWaterMark: 4 }),
  )
}

interface Wiring {
  controller: ReadableStreamDefaultController<Uint8Array>
  sources: Sources
  query: FeedQuery
  forget: () => void
}

function feedTo({ controller, sources, query, forget }: Wiring): Feed {
  const progress = newProgress()
  return {
    send(shared) {
      // Who does not read misses snapshots; rows that he was not told come with the next one.
      if ((controller.desiredSize ?? 0) <= 0) return
      const snapshot: Snapshot = { ...shared, ...describeView(sources, query, progress) }
      controller.enqueue(Buffer.from(`data: ${JSON.stringify(snapshot)}\n\n`))
    },
    end() {
      forget()
      controller.close()
    },
  }
}
