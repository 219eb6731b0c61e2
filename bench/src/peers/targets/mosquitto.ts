import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFrame, upgradeRequest } from '../frames.ts'
import { firstLine, missingProgram } from '../install.ts'
import type { ClientStep, Target } from '../target.ts'

/** Mosquitto's WebSocket, MQTT 3.1.1 at QoS 0, one topic for each group. */
export const mosquitto: Target = {
  id: 'mosquitto',
  label: 'Mosquitto',
  missing: () => missingProgram('mosquitto'),
  version: () => firstLine('mosquitto', '-h'),
  launch({ folder, port }) {
    const file = join(folder, 'mosquitto.conf')
    writeFileSync(file, config(folder, port))
    return { command: ['mosquitto', '-c', file] }
  },
  connect(port, group) {
    const steps: ClientStep[] = [
      { send: upgradeRequest(port, '/mqtt', 'mqtt') },
      { send: clientFrame(packet(0x10, Buffer.concat([connectHead, short('')])), 2), until: Buffer.from([0x20, 2]) },
    ]
    if (group === undefined) return steps
    const subscribe = packet(0x82, Buffer.concat([Buffer.from([0, 1]), short(group), Buffer.from([0])]))
    return [...steps, { send: clientFrame(subscribe, 2), until: Buffer.from([0x90, 3]) }]
  },
  publish: (group, text) => clientFrame(packet(0x30, Buffer.concat([short(group), Buffer.from(text)])), 2),
}

/** It refuses to start without a listener of its own protocol, which nobody uses here. */
const config = (folder: string, port: number) => `
listener 0 ${folder}/mosquitto.sock
listener ${port} 127.0.0.1
protocol websockets
allow_anonymous true
user root
set_tcp_nodelay true
max_queued_messages 0
log_type none
`

/** Protocol name and level, clean session, no keep-alive. */
const connectHead = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0])

function short(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)])
}

/** A control packet; its length is a number of seven bits a byte. */
function packet(kind: number, body: Buffer): Buffer {
  const length: number[] = []
  let rest = body.length
  do {
    length.push((rest & 127) | (rest > 127 ? 128 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.from([kind, ...length]), body])
}
