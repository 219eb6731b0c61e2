import { describe, expect, it } from 'bun:test'
import fc from 'fast-check'
import { append, endTurn, joinLane, leaveLane, type Line, newTurn, publish, takePieces, type Turn } from './batch.ts'
import { gather } from './gather.ts'

interface Member extends Line {
  name: string
  /** Everything that was written to it. */
  written: string
  /** What the simple model says that should be. */
  expected: string
}

const newMember = (name: string): Member => ({
  name,
  written: '',
  expected: '',
  pieces: undefined,
  open: undefined,
  openFrom: 0,
})

/** Three lanes and five members, of whom everybody may be in every lane. */
interface World {
  turn: Turn<Member, Member>
  lanes: Set<Member>[]
  members: Member[]
  count: number
}

const openWorld = (): World => ({
  turn: newTurn((member: Member) => member),
  lanes: [new Set(), new Set(), new Set()],
  members: ['a', 'b', 'c', 'd', 'e'].map(newMember),
  count: 0,
})

interface Step {
  /** `writeOne`: before the turn is over; `flushAndPublish`: while one line is written, more is published. */
  kind: 'publish' | 'send' | 'join' | 'leave' | 'flush' | 'writeOne' | 'flushAndPublish'
  lane: number
  member: number
  excluded: number[]
}

const acts: Record<
  Step['kind'],
  (world: World, about: { lane: Set<Member>; who: Member; excluded: Member[] }) => void
> = {
  publish(world, { lane, excluded }) {
    const frame = nextFrame(world)
    for (const member of lane) if (!excluded.includes(member)) member.expected += frame
    publish(world.turn, { members: lane, frame: Buffer.from(frame), excluded })
  },
  send(world, { who }) {
    const frame = nextFrame(world)
    who.expected += frame
    append(world.turn, who, Buffer.from(frame))
  },
  join({ turn }, { lane, who }) {
    if (lane.has(who)) return
    lane.add(who)
    joinLane(turn, lane, who)
  },
  leave({ turn }, { lane, who }) {
    if (lane.delete(who)) leaveLane(turn, lane, who)
  },
  flush,
  writeOne: (_world, { who }) => write(who),
  flushAndPublish(world, about) {
    for (const [at, line] of endTurn(world.turn).entries()) {
      if (at === 1) acts.publish(world, about)
      write(line)
    }
  },
}

/** Of different lengths, so that nothing can be confused. */
const nextFrame = (world: World) => `<${++world.count}>`

function flush({ turn }: World): void {
  for (const line of endTurn(turn)) write(line)
}

function write(line: Member): void {
  const pieces = takePieces(line)
  for (let at = 0; at < pieces.length;) {
    const { bytes, from, to, count } = gather(pieces, at)
    line.written += Buffer.from(bytes.subarray(from, to)).toString()
    at += count
  }
}

const step = fc.record({
  kind: fc.constantFrom<Step['kind']>(
    'publish',
    'publish',
    'publish',
    'send',
    'send',
    'join',
    'join',
    'leave',
    'flush',
    'writeOne',
    'flushAndPublish',
  ),
  lane: fc.nat(2),
  member: fc.nat(4),
  excluded: fc.array(fc.nat(4), { maxLength: 2 }),
})

describe('the frames of a turn', () => {
  it('reach each connection as they were queued for it, whatever comes in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const world = openWorld()
        for (const { kind, lane, member, excluded } of steps) run(world, { kind, lane, member, excluded })
        flush(world)
        for (const { name, written, expected } of world.members)
          expect({ name, written }).toEqual({ name, written: expected })
      }),
      { numRuns: 3_000 },
    )
  })

  it('take one step for each member only with the first of a lane', () => {
    const world = openWorld()
    let steps = 0
    const lane = { [Symbol.iterator]: () => world.members.map((member) => (steps++, member)).values() }
    for (let at = 0; at < 100; at++) publish(world.turn, { members: lane, frame: Buffer.from('x'), excluded: [] })
    expect(steps).toBe(5)
    flush(world)
    expect(world.members.map(({ written }) => written.length)).toEqual([100, 100, 100, 100, 100])
  })

  it('are the same bytes for all who have nothing else', () => {
    const world = openWorld()
    const [one, other] = world.members
    if (!one || !other) throw new Error('there are five')
    for (const frame of ['a', 'bc'])
      publish(world.turn, { members: world.members, frame: Buffer.from(frame), excluded: [] })
    endTurn(world.turn)
    const [first] = takePieces(one)
    const [second] = takePieces(other)
    if (!first || !second) throw new Error('each has one')
    expect(gather([first], 0).bytes).toBe(gather([second], 0).bytes)
  })
})

function run(world: World, { kind, lane, member, excluded }: Step): void {
  const [where, who] = [world.lanes[lane], world.members[member]]
  if (!where || !who) throw new Error('no such lane or member')
  acts[kind](world, { lane: where, who, excluded: world.members.filter((_, at) => excluded.includes(at)) })
}
