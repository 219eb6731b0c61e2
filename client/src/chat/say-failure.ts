import type { FailureCode } from '@chatr/protocol'

const words: Record<FailureCode, string> = {
  BadRequest: 'Not sent: the text was refused',
  Forbidden: 'Not sent: you are not in this chat',
  NotFound: 'Not sent: the chat is gone',
  Duplicate: 'Not sent: it is there already',
  TooLarge: 'Not sent: the text is too long',
  Unavailable: 'Not sent: the server could not take it',
}

/** Why a message was not sent, for its author. */
export const sayFailure = (code: FailureCode | undefined) => (code ? words[code] : 'Not sent')
