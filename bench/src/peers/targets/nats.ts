import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFrame, upgradeRequest } from '../frames.ts'
import { firstLine, missingProgram } from '../install.ts'
import type { Target } from '../target.ts'

/** The WebSocket of nats-server, one subject for each group. It puts many messages into one frame. */
export const nats: Target = {
  id: 'nats',
  label: 'nats-server',
  missing: () => missingProgram('nats-server'),
  version: () => firstLine('nats-server', '--version'),
  launch({ folder, port }) {
    const file = join(folder, 'nats.conf')
    writeFileSync(file, config(port))
    return { command: ['nats-server', '--config', file] }
  },
  connect(port, group) {
    const subscribe = group === undefined ? '' : `SUB ${group} 1\r\n`
    const hello = 'CONNECT {"verbose":false,"pedantic":false,"tls_required":false,"protocol":1,"echo":true}\r\n'
    return [
      { send: upgradeRequest(port, '/') },
      { send: Buffer.alloc(0), until: 'INFO ' },
      { send: clientFrame(`${hello}${subscribe}PING\r\n`, 2), until: 'PONG\r\n' },
    ]
  },
  publish: (group, text) => clientFrame(`PUB ${group} ${text.length}\r\n${text}\r\n`, 2),
  messageBytes: (group, text) => `MSG ${group} 1 ${text.length}\r\n${text}\r\n`.length,
}

/** Room enough that no member is cut off for being slow; the port of its own protocol is any that is free. */
const config = (port: number) => `
listen: "127.0.0.1:-1"
websocket { listen: "127.0.0.1:${port}", no_tls: true, compression: false }
max_pending: 256MB
write_deadline: "30s"
ping_interval: "1h"
logtime: false
log_file: "/dev/null"
`
