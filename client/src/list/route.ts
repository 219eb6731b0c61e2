const chatPrefix = '/chat/'

export const chatPath = (chatId: string) => `${chatPrefix}${encodeURIComponent(chatId)}`

/** The chat that an address names; nothing for `/` and for what cannot be read. */
export function chatIdOf(path: string): string | undefined {
  if (!path.startsWith(chatPrefix)) return undefined
  try {
    return decodeURIComponent(path.slice(chatPrefix.length)) || undefined
  } catch {
    return undefined
  }
}
