/** A request that waits for a connection to a server. */
export interface Claim {
  /** The client connection that it is about. */
  client: string
  /** Somebody waits to be let in. */
  isHandshake: boolean
  /** What it holds while it waits. */
  bytes: number
}

/** No client connection has more requests under way at one server. */
const underWayMax = 32
/** Of all that waits for one server; no request counts as less than `claimMinBytes`, so their number is bounded too. */
const waitingMaxBytes = 134_217_728
const claimMinBytes = 8_192
/** So many turns go to handshakes before one goes to something else, if both wait. */
const handshakesInARow = 3

/** Who waits, by client connection, in the order of their turns. */
type Rota<Item> = Map<string, Item[]>

/**
 * Whose turn it is. Client connections get theirs one after the other, handshakes before the rest, so that nobody waits
 * for all that somebody else has asked. What one of them may have under way, and may have waiting, shrinks with what is
 * free: however many ask for everything, something is left for the next one.
 */
export function openTurns<Item extends Claim>() {
  const handshakes: Rota<Item> = new Map()
  const others: Rota<Item> = new Map()
  const underWay = new Map<string, number>()
  const waiting = new Map<string, number>()
  let waitingBytes = 0
  let sinceOther = 0
  const rotaOf = ({ isHandshake }: Item) => (isHandshake ? handshakes : others)

  return { add, remove, take, end }

  /** `false`: there is no room for it. */
  function add(item: Item): boolean {
    const weight = weightOf(item)
    if ((waiting.get(item.client) ?? 0) + weight > waitingMaxBytes - waitingBytes) return false
    const queue = rotaOf(item).get(item.client)
    if (queue) queue.push(item)
    else rotaOf(item).set(item.client, [item])
    weigh(item, weight)
    return true
  }

  /** It waits no longer, if it did. */
  function remove(item: Item): void {
    const queue = rotaOf(item).get(item.client)
    const at = queue?.indexOf(item) ?? -1
    if (!queue || at === -1) return
    queue.splice(at, 1)
    if (queue.length === 0) rotaOf(item).delete(item.client)
    weigh(item, -weightOf(item))
  }

  /** The next one that may go, which is under way from now on; `free`: how many connections there are for all. */
  function take(free: number): Item | undefined {
    if (free <= 0) return undefined
    const rotas = sinceOther < handshakesInARow ? [handshakes, others] : [others, handshakes]
    const item = first(rotas[0], free) ?? first(rotas[1], free)
    if (!item) return undefined
    sinceOther = item.isHandshake ? sinceOther + 1 : 0
    addTo(underWay, item.client, 1)
    weigh(item, -weightOf(item))
    return item
  }

  /** It is under way no longer. */
  function end({ client }: Item): void {
    addTo(underWay, client, -1)
  }

  /** No more of them are passed over than there are connections: who has nothing under way may always go. */
  function first(rota: Rota<Item> | undefined, free: number): Item | undefined {
    for (const [client, queue] of rota ?? []) {
      const count = underWay.get(client) ?? 0
      if (count >= underWayMax || count > free) continue
      const item = queue.shift()
      rota?.delete(client)
      if (queue.length > 0) rota?.set(client, queue)
      return item
    }
    return undefined
  }

  function weigh({ client }: Item, bytes: number): void {
    waitingBytes += bytes
    addTo(waiting, client, bytes)
  }
}

export type Turns<Item extends Claim> = ReturnType<typeof openTurns<Item>>

const weightOf = ({ bytes }: Claim) => Math.max(bytes, claimMinBytes)

/** Zero is kept nowhere. */
function addTo(sums: Map<string, number>, key: string, amount: number): void {
  const sum = (sums.get(key) ?? 0) + amount
  if (sum === 0) sums.delete(key)
  else sums.set(key, sum)
}
