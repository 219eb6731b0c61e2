import * as z from 'zod/mini'
import { MessageId } from './ids.ts'
import { MessageText } from './text.ts'

/**
 * What members send each other with `sendToGroup`, past the backend. The frame's own `fromUserId`, which the service
 * vouches for, says who speaks; the two `from…` fields are for clients of the original Chatr and are never believed.
 */
export const RelayLine = z.object({
  message: MessageText,
  fromUserId: z.optional(z.string()),
  fromUserName: z.optional(z.string()),
  /** Tells a line sent twice (an ack was lost) from two lines. */
  id: z.optional(MessageId),
})
export type RelayLine = z.infer<typeof RelayLine>

/** "Is typing", sent at most every three seconds and believed for five. */
export const TypingSignal = z.object({ typing: z.literal(true) })
export type TypingSignal = z.infer<typeof TypingSignal>
