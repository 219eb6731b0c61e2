import type { Input } from './inputs.ts'

type Fails = (input: Input) => Promise<boolean>

/** The smallest input that can be found from a failing one by leaving out parts of it, and that still fails. */
export async function shrink(input: Input, fails: Fails): Promise<Input> {
  if (input.kind !== 'frames') {
    const bytes = await shrinkList([...input.bytes], (kept) => fails({ ...input, bytes: Buffer.from(kept) }))
    return { ...input, bytes: Buffer.from(bytes) }
  }
  const frames = await shrinkList(input.frames, (kept) => fails({ ...input, frames: kept }))
  const [only] = frames
  if (!only || frames.length > 1) return { ...input, frames }
  const payload = await shrinkList([...only.payload], (kept) =>
    fails({ ...input, frames: [{ ...only, payload: Buffer.from(kept) }] }),
  )
  return { ...input, frames: [{ ...only, payload: Buffer.from(payload) }] }
}

/** Leaves out halves, then quarters and so on, as long as it helps; within a bound of tries. */
async function shrinkList<Item>(items: Item[], fails: (kept: Item[]) => Promise<boolean>): Promise<Item[]> {
  let kept = items
  let triesLeft = 300
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < kept.length && triesLeft-- > 0;) {
      const without = kept.toSpliced(start, size)
      if (without.length > 0 && (await fails(without))) kept = without
      else start += size
    }
  }
  return kept
}

/** For a person who has to make it again. */
export function describeInput(input: Input): string {
  if (input.kind !== 'frames') return `${input.kind}: ${JSON.stringify(input.bytes.toString('latin1'))}`
  const frames = input.frames.map(({ isText, payload }) =>
    isText ? `text ${JSON.stringify(payload.toString())}` : `binary ${payload.toString('hex')}`,
  )
  return `frames of ${input.subprotocol}, leaving ${input.leaves}:\n  ${frames.join('\n  ')}`
}
