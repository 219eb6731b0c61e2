import { closeConnection } from './connection.ts'
import type { Connection, Engine } from './model.ts'
import type { CloseReason } from './subprotocols/subprotocol.ts'

const batchMs = 50

/**
 * Closes every connection, in random order and batch by batch over `withinMs`: clients that are told to reconnect do
 * so at once, and all at once would be a storm. Resolves when every handler has been told of every end, or has taken
 * too long.
 */
export async function closeAll(
  engine: Engine,
  { withinMs, reason }: { withinMs: number; reason: CloseReason },
): Promise<void> {
  const waiting = shuffle(everyConnection(engine))
  const batches = Math.max(1, Math.floor(withinMs / batchMs))
  const size = Math.max(1, Math.ceil(waiting.length / batches))
  while (waiting.length > 0) {
    for (const connection of waiting.splice(0, size)) closeConnection(connection, reason)
    if (waiting.length > 0) await pause()
  }
  // who came in while the first were closing
  for (const connection of everyConnection(engine)) closeConnection(connection, reason)
  await Promise.race([Promise.all(engine.farewells), patience(engine)])
}

/** A handler that never answers must not keep the process from ending. */
function patience({ limits, farewells, log }: Engine): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = () => {
      if (farewells.size > 0) log({ level: 'warn', event: 'handlersNotDone', connections: farewells.size })
      resolve()
    }
    setTimeout(giveUp, limits.farewellMs).unref()
  })
}

/** Between half and one and a half of a batch's time: other nodes that stop now do not keep the same beat. */
const pause = () => new Promise((resolve) => setTimeout(resolve, batchMs * (0.5 + Math.random())))

const everyConnection = ({ hubs }: Engine): Connection[] =>
  [...hubs.values()].flatMap(({ connections }) => Array.from(connections.values()))

function shuffle<Item>(items: Item[]): Item[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item)
}
