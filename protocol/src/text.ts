import * as z from 'zod/mini'
import { limits } from './limits.ts'

/** Control characters, except tab and line feed. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/** Zero-width and direction-override characters: they make one name look like another. Joiners inside emoji stay. */
const disguises = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

const tidyName = (name: string) =>
  name.toWellFormed().replace(controls, ' ').replace(disguises, '').replace(/\s+/g, ' ').trim()
const tidyText = (text: string) => text.toWellFormed().replace(/\r\n?/g, '\n').replace(controls, '')

const name = (maxLength: number) => z.string().check(z.overwrite(tidyName), z.minLength(1), z.maxLength(maxLength))

/** One line, 1–100 UTF-16 units once white space is folded and invisible characters are gone. */
export const ChatName = name(limits.chatNameMaxLength)
/** One line, 1–64 UTF-16 units once white space is folded and invisible characters are gone. */
export const UserName = name(limits.userNameMaxLength)
/** Plain text with line feeds, at most 10,000 UTF-16 units, not blank. It is never HTML. */
export const MessageText = z.string().check(
  z.overwrite(tidyText),
  z.maxLength(limits.messageTextMaxLength),
  z.refine((text) => text.trim() !== '', 'the text is blank'),
)
