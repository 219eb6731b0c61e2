const chatPrefix = '/chat/'

export const chatPath = (chatId: string) => `${chatPrefix}${encodeURIComponent(chatId)}`

/** Where others find this Chatr. */
export const homeAddress = () => `${location.origin}/`
export const chatAddress = (chatId: string) => `${location.origin}${chatPath(chatId)}`

/** The chat that an address names; nothing for `/` and for what cannot be read. */
export function chatIdOf(path: string): string | undefined {
  if (!path.startsWith(chatPrefix)) return undefined
  try {
    return decodeURIComponent(path.slice(chatPrefix.length)) || undefined
  } catch {
    return undefined
  }
}
