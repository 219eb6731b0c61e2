import { writeFileSync } from 'node:fs'
import { groupName, type Target } from './target.ts'

export interface Crowd {
  groups: number
  members: number
  /** Bytes of the text in each message. */
  textBytes: number
  /** Connections that only wait: they join no group, and nothing can be sent. */
  isIdle?: boolean
  /** Sends go over so many HTTP connections instead. */
  httpConns?: number
  /** How many different requests there are, over all groups. */
  httpRequests?: number
  /** One connection out of so many is timed; all by default. */
  sampleEvery?: number
}

interface PlanOptions {
  target: Target
  crowd: Crowd
  port: number
  text: string
}

/** Sends of one group that may be under way at a time. */
const window = 256

/** Writes down for `load/plan.c` who connects how, and what is sent: blobs, steps, groups, members. */
export function writePlan(file: string, { target, crowd, port, text }: PlanOptions): void {
  const blobs = createBlobs()
  const steps: number[] = []
  const groups: number[] = []
  const members: number[] = []
  for (let index = 0; index < crowd.groups; index++) {
    const group = groupName(index)
    const clientSteps = target.connect(port, crowd.isIdle ? undefined : group)
    const firstStep = steps.length / 2
    for (const { send, until = '' } of clientSteps) steps.push(blobs.add(send), blobs.add(Buffer.from(until)))
    const sends = crowd.isIdle ? [] : sendsOf({ target, crowd, port, text }, index)
    groups.push(crowd.members, blobs.count(), sends.length)
    for (const send of sends) blobs.add(send)
    for (let member = 0; member < crowd.members; member++) members.push(firstStep, clientSteps.length)
  }
  const messageBytes = target.messageBytes?.(groupName(0), text) ?? 0
  const head = [
    port,
    target.ackEvery ?? 0,
    crowd.httpConns ?? 0,
    crowd.isIdle ? 1 : window,
    crowd.sampleEvery ?? 1,
    messageBytes,
  ]
  const tables = [steps.length / 2, ...steps, crowd.groups, ...groups, ...members]
  writeFileSync(file, Buffer.concat([numbers(head), blobs.bytes(), numbers(tables)]))
}

function sendsOf({ target, crowd, port, text }: PlanOptions, index: number): Buffer[] {
  const group = groupName(index)
  if (!crowd.httpConns) return [target.publish(group, text)]
  if (!target.publishByHttp) throw new Error(`${target.label} cannot be sent to by HTTP`)
  const { publishByHttp } = target
  const count = Math.ceil((crowd.httpRequests ?? crowd.groups) / crowd.groups)
  return Array.from({ length: count }, (_, n) => publishByHttp(port, group, text, index * count + n))
}

const numbers = (values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer)

/** Byte strings, in the order they were added. */
function createBlobs() {
  const parts: Buffer[] = []
  let count = 0
  const add = (bytes: Buffer) => {
    parts.push(numbers([bytes.length]), bytes)
    return count++
  }
  return { add, bytes: () => Buffer.concat([numbers([count]), ...parts]), count: () => count }
}
