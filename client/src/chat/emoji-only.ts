const emojiOnly = /^(?:\p{RGI_Emoji}|\s)+$/v
const emoji = /\p{RGI_Emoji}/gv

/** So many emoji are drawn large; more are a text. */
const largeMax = 6

/** Whether a message is nothing but one to six emoji. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > 100 || !emojiOnly.test(text)) return false
  const count = text.match(emoji)?.length ?? 0
  return count > 0 && count <= largeMax
}
