export type TextPart = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string }

/** Only these are ever made clickable. */
const protocols = new Set(['http:', 'https:', 'mailto:'])

/** A candidate: a scheme of ours or `www.`, or an e-mail address. What it holds is judged afterwards. */
const candidate =
  /(?<![\p{L}\p{N}_@/.-])(?:https?:\/\/|mailto:|www\.(?=[\p{L}\p{N}]))[^\s<>"'`\u0000-\u0020\u200b\u2028\u2029]+|(?<![\p{L}\p{N}_.+%/:@-])[\w.+%-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}(?![@\p{L}\p{N}_-])/giu

const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
const trailing = /[.,;:!?'"*_~…。、，！？»”’]$/u

function count(text: string, character: string): number {
  return text.split(character).length - 1
}

/** Sentence marks at the end belong to the sentence; a closing bracket does unless the link opened it. */
function trimEnd(text: string): string {
  const surplus = new Map(
    Object.entries(pairs).map(([closing, opening]) => [closing, count(text, closing) - count(text, opening)]),
  )
  let end = text.length
  for (; end > 0; end--) {
    const last = text.charAt(end - 1)
    const unpaired = surplus.get(last) ?? 0
    if (unpaired > 0) surplus.set(last, unpaired - 1)
    else if (!trailing.test(last)) break
  }
  return text.slice(0, end)
}

function hrefOf(link: string): string | undefined {
  const withScheme = /^www\./i.test(link)
    ? `https://${link}`
    : /^(?:https?|mailto):/i.test(link)
      ? link
      : `mailto:${link}`
  if (!URL.canParse(withScheme)) return undefined
  const url = new URL(withScheme)
  const isWhole = url.protocol === 'mailto:' ? url.pathname.includes('@') : url.hostname !== ''
  // A name before the host (`https://bank.example@evil.example`) is there to deceive.
  return protocols.has(url.protocol) && isWhole && url.username === '' && url.password === '' ? url.href : undefined
}

/** Cuts a text into plain parts and links. Joined together the parts are the text again, character by character. */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(candidate)) {
    const link = trimEnd(match[0])
    const href = hrefOf(link)
    if (!href) continue
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    parts.push({ kind: 'link', text: link, href })
    end = match.index + link.length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}
