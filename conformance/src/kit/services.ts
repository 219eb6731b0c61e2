import { WebPubSubServiceClient as Newer, type WebPubSubGroup } from '@azure/web-pubsub'
import { WebPubSubServiceClient as Older } from '@azure/web-pubsub-1.1'
import { area, type Case } from '../model.ts'
import type { Context } from './context.ts'

/** What all versions share; `listConnections` came with 1.2.0. */
export interface Service extends Omit<Pick<Newer, keyof Newer>, 'group'> {
  group(name: string): Omit<WebPubSubGroup, 'listConnections'>
}

/** The versions of `@azure/web-pubsub`, as published. */
export const services: readonly { version: string; open: (context: Context) => Service }[] = [
  {
    version: '1.2.0',
    open: ({ target, hub }) => new Newer(target.connectionString, hub, { allowInsecureConnection: true }),
  },
  {
    version: '1.1.4',
    open: ({ target, hub }) => new Older(target.connectionString, hub, { allowInsecureConnection: true }),
  },
]

/** A case that is asked through each version. */
interface ServiceCase {
  id: string
  title: string
  edges?: readonly string[]
  run: (context: Context, service: Service) => Promise<void>
}

/** Operations of the contract, whose requests and answers were recorded too. */
export const forEachService = (rows: readonly ServiceCase[]): Case[] =>
  services.flatMap(({ version, open }) =>
    area(
      'rest',
      '9.2',
      rows.map(({ id, title, edges = [], run }) => ({
        id: `${id}@${version}`,
        title: `service client ${version}: ${title}`,
        evidence: 'WO',
        edges,
        run: (context: Context) => run(context, open(context)),
      })),
    ),
  )
