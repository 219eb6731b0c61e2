import type { Context } from './kit/context.ts'

/**
 * Where an expectation comes from, in the letters of the reference: `W` recorded traffic of the real service, `L` verified
 * live by a service engineer, `K` Microsoft's SDK source, `O` OpenAPI, `D` Microsoft's reference pages, `S` client
 * specification and schemas, `E` Microsoft's emulator, `I` GitHub issues, `R` our decision where all are silent.
 */
export type Evidence = string

/** A difference in a case with one of these fails a run; with the others alone it is information. */
export const isStrong = (evidence: Evidence) => /[WLKOD]/.test(evidence)

/** What an endpoint must offer for a case to be asked of it. */
export type Need = 'hub settings' | 'own process' | 'secondary key' | 'https'

/** What must be configured at the service for the hub of a case; other endpoints than ours cannot be told so from here. */
export interface HubSettings {
  isAnonymousAllowed?: true
  /** In order, first match wins. Each is reached at `http://127.0.0.1:<port>/<name>/{hub}/{event}`. */
  handlers?: readonly HandlerSettings[]
}

interface HandlerSettings {
  name: string
  userEventPattern?: string
  systemEvents?: readonly ('connect' | 'connected' | 'disconnected')[]
}

/** One expectation, asked of a hub of its own. */
export interface Case {
  /** Unique, `area/what`. */
  id: string
  area: string
  /** A sentence in the present tense. */
  title: string
  /** Section of the reference. */
  spec: string
  evidence: Evidence
  /** Rows of the table of edge behaviours (section 13) that this case checks. */
  edges?: readonly string[]
  needs?: readonly Need[]
  settings?: HubSettings
  /** Takes longer than half a minute: asked only with `--slow`. */
  isSlow?: true
  /** Returns when the expectation holds; throws a `Difference` when it does not. */
  run: (context: Context) => Promise<void>
}

export type Outcome =
  | { status: 'holds' }
  | { status: 'differs'; expected: string; got: string; at?: string }
  | { status: 'not applicable'; reason: string }

export interface Result extends Omit<Case, 'run' | 'needs' | 'settings' | 'isSlow'> {
  edges: readonly string[]
  outcome: Outcome
  ms: number
}

type Row = Omit<Case, 'id' | 'area' | 'spec'> & { id: string; spec?: string }

/** The cases of one area: their ids get its name in front, and its section where they name none. */
export function area(name: string, spec: string, rows: readonly Row[]): Case[] {
  return rows.map((row) => ({ spec, ...row, area: name, id: `${name.replaceAll(' ', '-')}/${row.id}` }))
}
