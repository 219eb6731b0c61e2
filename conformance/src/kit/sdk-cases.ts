import { area, type Case } from '../model.ts'
import type { ConnectOptions, Context } from './context.ts'
import { begin, type SdkClient, type SdkOptions, sdks } from './sdk.ts'

type Begin = (options?: ConnectOptions, more?: SdkOptions) => ReturnType<typeof begin<SdkClient>>

/** Starts a client of the version that is asked about. */
export interface Start {
  json: Begin
  reliable: Begin
}

/** A case that is asked of each version. */
interface ClientCase {
  id: string
  title: string
  spec?: string
  evidence: string
  edges?: readonly string[]
  run: (context: Context, start: Start) => Promise<void>
}

export const forEachClient = (rows: readonly ClientCase[]): Case[] =>
  sdks.flatMap((sdk) =>
    area(
      'official client',
      '6.2',
      rows.map(({ id, title, spec = '6.2', evidence, edges = [], run }) => ({
        id: `${id}@${sdk.version}`,
        title: `client ${sdk.version}: ${title}`,
        spec,
        evidence,
        edges,
        run: (context: Context) =>
          run(context, { json: starter(context, sdk.json), reliable: starter(context, sdk.reliable) }),
      })),
    ),
  )

const starter =
  (context: Context, make: (url: string, options?: SdkOptions) => SdkClient): Begin =>
  (options = {}, more = {}) => {
    const url = context.clientUrl(options)
    return begin(context, make(options.proxy ? options.proxy.through(url) : url, more))
  }
