import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { clientFrame, upgradeRequest } from '../frames.ts'
import { firstLine, missingProgram } from '../install.ts'
import type { Target } from '../target.ts'

const script = (name: string) => fileURLToPath(new URL(`../servers/${name}`, import.meta.url))
const missing = () => (missingProgram('node') ? 'apt-get install -y --no-install-recommends nodejs' : undefined)

function versionOf(name: string): string {
  const manifest = new URL('package.json', import.meta.resolve(`${name}/package.json`))
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return `${name} ${version}, Node ${firstLine('node', '--version')}`
}

/** Socket.IO over WebSocket, one room for each group. */
export const socketIo: Target = {
  id: 'socket.io',
  label: 'Socket.IO',
  missing,
  version: () => versionOf('socket.io'),
  launch: ({ port }) => ({ command: ['node', script('socket-io.mjs'), String(port)] }),
  connect: (port, group) => [
    {
      send: upgradeRequest(port, `/socket.io/?EIO=4&transport=websocket${group === undefined ? '' : `&room=${group}`}`),
    },
    { send: Buffer.alloc(0), until: '0{' },
    { send: clientFrame('40'), until: '42["joined"' },
  ],
  publish: (_group, text) => clientFrame(`42["send",${JSON.stringify(text)}]`),
}

/** A plain relay on `ws`, one path for each group. */
export const wsRelay: Target = {
  id: 'ws',
  label: 'ws relay',
  missing,
  version: () => versionOf('ws'),
  launch: ({ port }) => ({ command: ['node', script('ws-relay.mjs'), String(port)] }),
  connect: (port, group = 'nobody') => [{ send: upgradeRequest(port, `/${group}`) }],
  publish: (_group, text) => clientFrame(text),
}
