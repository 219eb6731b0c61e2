import { decodeSegment } from '../tokens.ts'

/** What a path names, decoded, by the names in the pattern. */
export type Params = Readonly<Record<string, string>>

export interface Route<Handler> {
  method: string
  /** For example `/api/hubs/{hub}/groups/{group}`: a segment is literal or one parameter, never empty. */
  path: string
  handle: Handler
}

export type Match<Handler> =
  | { handle: Handler; params: Params }
  /** The path is known, with these methods. */
  | { allow: string }

interface Node<Handler> {
  literals: Map<string, Node<Handler>>
  parameter: { name: string; node: Node<Handler> } | undefined
  methods: Map<string, Handler>
}

/**
 * Finds the route of a path as it came, still encoded; `undefined` for an unknown one. Literal segments count without
 * case, as everywhere in ASP.NET.
 */
export function createRouter<Handler>(routes: readonly Route<Handler>[]) {
  const root = newNode<Handler>()
  for (const { method, path, handle } of routes) nodeFor(root, path).methods.set(method, handle)
  return (method: string, path: string): Match<Handler> | undefined => find(root, method, path)
}

const newNode = <Handler>(): Node<Handler> => ({ literals: new Map(), parameter: undefined, methods: new Map() })

function nodeFor<Handler>(root: Node<Handler>, path: string): Node<Handler> {
  let node = root
  for (const segment of path.split('/').slice(1)) node = childFor(node, segment)
  return node
}

function childFor<Handler>(node: Node<Handler>, segment: string): Node<Handler> {
  if (segment.startsWith('{')) return (node.parameter ??= { name: segment.slice(1, -1), node: newNode() }).node
  const literal = segment.toLowerCase()
  const child = node.literals.get(literal) ?? newNode()
  node.literals.set(literal, child)
  return child
}

function find<Handler>(root: Node<Handler>, method: string, path: string): Match<Handler> | undefined {
  const params: Record<string, string> = {}
  let node = root
  for (const segment of path.split('/').slice(1)) {
    const next = node.literals.get(segment.toLowerCase()) ?? follow(node, segment, params)
    if (!next) return undefined
    node = next
  }
  const handle = node.methods.get(method)
  if (handle !== undefined) return { handle, params }
  return node.methods.size === 0 ? undefined : { allow: [...node.methods.keys()].join(', ') }
}

/**
 * Decodes once, `%2F` included: `a%2Fb` is the group that a client joined as `a/b` (spec 15.16; the real service keeps
 * the escape). A broken escape stands for itself.
 */
function follow<Handler>(node: Node<Handler>, segment: string, params: Record<string, string>) {
  if (!node.parameter || segment === '') return undefined
  params[node.parameter.name] = segment.includes('%') ? (decodeSegment(segment) ?? segment) : segment
  return node.parameter.node
}
