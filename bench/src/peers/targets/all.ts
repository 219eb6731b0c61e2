import type { Target } from '../target.ts'
import { bare } from './bare.ts'
import { mosquitto } from './mosquitto.ts'
import { nats } from './nats.ts'
import { nchan } from './nchan.ts'
import { socketIo, wsRelay } from './node.ts'
import { pubsub, reliable } from './pubsub.ts'

/** In the order of the report: the limit, ours, the peers. */
export const targets: readonly Target[] = [bare, pubsub, reliable, wsRelay, nats, nchan, mosquitto, socketIo]

export const ours: readonly string[] = ['pubsub', 'reliable']
