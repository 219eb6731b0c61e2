import type { Queue } from './model.ts'

/** First in, first out, each step in constant time: an array's own `shift` moves all that is behind. */
export function newQueue<Item>(): Queue<Item> {
  let items: Item[] = []
  let head = 0
  return {
    get length() {
      return items.length - head
    },
    push: (item) => items.push(item),
    first: () => items[head],
    shift() {
      const item = items[head]
      if (head < items.length) head++
      // what was taken is let go of once it is the greater part
      if (head > 32 && head * 2 > items.length) {
        items = items.slice(head)
        head = 0
      }
      return item
    },
    *[Symbol.iterator]() {
      for (let at = head; at < items.length; at++) yield items[at] as Item // within the bounds
    },
  }
}
