import { sha256 } from './sha256.ts'

/** Beyond this the ids would not fit into an HTTP header, in which Azure carries the state; then a hash stands for them. */
const maxLength = 4_000

/** Remembers in a connection's state which chats it was connected to. */
export async function formatMemberships(chatIds: readonly string[]): Promise<string> {
  const ids = chatIds.toSorted().join(' ')
  return ids.length <= maxLength ? `ids ${ids}` : `sha256 ${await sha256(ids)}`
}

/** The chats that came or went since; `unknown` where something changed and a hash does not tell what. */
export async function membershipsChanged(
  state: string | undefined,
  chatIds: readonly string[],
): Promise<readonly string[] | 'unknown'> {
  if (state === (await formatMemberships(chatIds))) return []
  // Without a state another handler answered `connect`, or none: what the connection holds is not known.
  if (state === undefined) return chatIds
  if (!state.startsWith('ids')) return 'unknown'
  const before = state.split(' ').slice(1).filter(Boolean)
  return [...chatIds.filter((id) => !before.includes(id)), ...before.filter((id) => !chatIds.includes(id))]
}
