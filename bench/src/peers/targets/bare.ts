import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { upgradeRequest } from '../frames.ts'
import { firstLine } from '../install.ts'
import type { Target } from '../target.ts'
import { deliveredText, pubsub } from './pubsub.ts'

/** One epoll loop in C that writes ready-made frames of the very size that `pubsub/` delivers: the limit. */
export const bare: Target = {
  id: 'bare',
  label: 'bare epoll loop',
  missing: () => undefined,
  version: () => firstLine('gcc', '--version'),
  launch({ folder, port, group, text, programs }) {
    const file = join(folder, 'frame')
    writeFileSync(file, serverFrame(deliveredText(group, text)))
    return { command: [programs.bare, String(port), file] }
  },
  connect: (port, group = 'g00000') => [{ send: upgradeRequest(port, `/g/${Number(group.slice(1))}`) }],
  publish: (group, text) => pubsub.publish(group, text),
}

function serverFrame(payload: string): Buffer {
  const { length } = payload
  return Buffer.concat([
    Buffer.from(length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 255]),
    Buffer.from(payload),
  ])
}
