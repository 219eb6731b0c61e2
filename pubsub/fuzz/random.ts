/** Numbers that only depend on a seed: whatever failed can be made again. */
export interface Random {
  /** A whole number from 0 up to, and without, `bound`. */
  below(bound: number): number
  /** True in one of `times`. */
  oneIn(times: number): boolean
  /** Throws for an empty list. */
  pick<Item>(items: readonly Item[]): Item
  bytes(length: number): Buffer
}

/** A stream of its own for each number of the same seed (SFC32). */
export function createRandom(seed: number, stream = 0): Random {
  let [a, b, c, counter] = [0x9e3779b9 ^ seed, 0x243f6a88 ^ stream, 0xb7e15162 + seed, stream + 1]
  const next = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let round = 0; round < 15; round++) next()
  const below = (bound: number) => next() % bound
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick(items) {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    bytes: (length) => Buffer.from(Uint8Array.from({ length }, () => below(256))),
  }
}
