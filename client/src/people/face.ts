const faces = 12
const emoji = /^\p{RGI_Emoji}|\p{RGI_Emoji}$/v

/** Which of the twelve muted colours is this person's, 1–12; the same for everyone and for ever. */
export function faceOf(userId: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < userId.length; index++) {
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193) >>> 0
  }
  return (hash % faces) + 1
}

const graphemes = new Intl.Segmenter()
const firstGrapheme = (word: string) => graphemes.segment(word)[Symbol.iterator]().next().value?.segment ?? ''

/** The first letters of the first and the last word; of a single word the first one. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s_.-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const [first, last] = [words[0] ?? name, words.length > 1 ? words.at(-1) : undefined]
  return (firstGrapheme(first) + firstGrapheme(last ?? '')).toLocaleUpperCase()
}

/** A chat's picture is the emoji that its name begins or ends with; then the name beside it goes without. */
export function chatFace(name: string): { emoji: string | undefined; label: string } {
  const match = emoji.exec(name.trim())
  const label = match ? name.trim().replace(match[0], '').trim() : name
  return label === '' ? { emoji: match?.[0], label: name } : { emoji: match?.[0], label }
}
