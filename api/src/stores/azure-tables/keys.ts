import { sha256 } from '../../chat/sha256.ts'

/** The partition of the tables that are lists, as in the first Chatr. */
export const listPartition = 'chatr'

const plain = /^[\w.:@-]{1,200}$/

/**
 * An id as (part of) a key. Table Storage forbids `/ \ # ?` and control characters, stumbles over `%` and `+`, and ends
 * at 512 characters: an id that is not plain stands there as its hash, after a `~` that no plain one has. What is read
 * back is therefore never the key: each row holds the id as well.
 */
export const keyOf = async (id: string): Promise<string> => (plain.test(id) ? id : `~${await sha256(id)}`)

const digits = (number: number, width: number) => String(number).padStart(width, '0')

/** The rows of one life of a chat. A chat that is created again after its removal begins a new generation. */
export const headKey = 'chat'
/** From here to there: the head, and the members of every generation. */
export const headAndMembers = { from: headKey, to: 'chat.' } as const
export const memberPrefix = (generation: number) => `chat-member-${digits(generation, 8)}-`
export const entryPrefix = (generation: number) => `entry-${digits(generation, 8)}-`
export const idPrefix = (generation: number) => `id-${digits(generation, 8)}-`

/** Of fixed width, so that their order is that of the numbers. */
export const entryKey = (generation: number, rev: number) => entryPrefix(generation) + digits(rev, 16)

/** All keys with a prefix that ends in `-`: `.` is what comes next. */
export const rangeOf = (prefix: string) => ({ from: prefix, to: `${prefix.slice(0, -1)}.` })
