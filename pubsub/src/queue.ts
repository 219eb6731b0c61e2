/** First in, first out, each step in constant time: an array's own `shift` moves all that is behind. */
export interface Queue<Item> {
  items: Item[]
  /** Those before it were taken. */
  head: number
}

export const newQueue = <Item>(): Queue<Item> => ({ items: [], head: 0 })

export const queueLength = ({ items, head }: Queue<unknown>) => items.length - head

export const firstOf = <Item>({ items, head }: Queue<Item>): Item | undefined => items[head]

export const queued = <Item>({ items, head }: Queue<Item>): Item[] => items.slice(head)

/** Takes the first one out. What was taken is let go of once it is the greater part. */
export function takeFirst<Item>(queue: Queue<Item>): void {
  if (queue.head < queue.items.length) queue.head++
  if (queue.head < 32 && queue.head < queue.items.length) return
  if (queue.head * 2 <= queue.items.length) return
  queue.items = queue.items.slice(queue.head)
  queue.head = 0
}
