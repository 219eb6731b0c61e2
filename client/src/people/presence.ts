import type { OnlineUser } from '@chatr/protocol'

export type Presence = 'online' | 'idle' | 'offline'

const words: Record<Presence, string> = { online: 'Online', idle: 'Idle', offline: 'Offline' }

export const presenceOf = (user: OnlineUser | undefined): Presence =>
  user ? (user.idle ? 'idle' : 'online') : 'offline'
export const sayPresence = (presence: Presence) => words[presence]
