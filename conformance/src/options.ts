import { parseArgs } from 'node:util'
import { readConnectionString } from './kit/target.ts'
import type { Target } from './kit/target.ts'

export interface Options {
  /** Undefined: start our own service. */
  target: Target | undefined
  hub: string
  only: string | undefined
  json: string | undefined
  markdown: string | undefined
  isSlowIncluded: boolean
  isEachShown: boolean
  concurrency: number
}

export const help = `Asks a Web PubSub endpoint what it holds of the protocol, with Microsoft's own packages and with bare frames.

Usage: npx bun conformance/src/main.ts [options]

  --connection-string <text>  the endpoint; without it the service of this repository is started
  --hub <name>                what the names of the hubs begin with (default conformance)
  --only <text>               only cases whose area or id contains this
  --slow                      also cases that take more than half a minute
  --all                       show every case, not only those that differ
  --concurrency <number>      cases at once (default 8)
  --json <file>               write the results as JSON
  --markdown <file>           write them as a document
  --runtime <node|bun>        what runs Microsoft's packages (default node: they are made for it)
  --help                      this text

Each case has a hub of its own. It ends with 1 if a case differs whose expectation is documented or recorded, with 2 if
something here is wrong.`

/** Text: what is wrong with the arguments, for the person who wrote them; or `help`, asked for. */
export function readOptions(args: readonly string[]): Options | string {
  let values: Values
  try {
    values = parse(args)
  } catch (error) {
    return (error as Error).message // parseArgs throws nothing but errors that say it well
  }
  if (values.help) return 'help'
  const address = values['connection-string']
  const read = address === undefined ? undefined : readConnectionString(address)
  if (address !== undefined && !read) return '--connection-string wants Endpoint=…;AccessKey=…;'
  if (!['node', 'bun'].includes(values.runtime)) return '--runtime wants node or bun'
  const concurrency = Number(values.concurrency)
  if (!Number.isInteger(concurrency) || concurrency < 1) return '--concurrency wants a whole number from 1'
  return {
    target: read && { ...read, secondaryKey: undefined, isOwn: false },
    hub: values.hub,
    only: values.only,
    json: values.json,
    markdown: values.markdown,
    isSlowIncluded: values.slow,
    isEachShown: values.all,
    concurrency,
  }
}

type Values = ReturnType<typeof parse>

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

function parse(args: readonly string[]) {
  const options = {
    'connection-string': text,
    only: text,
    json: text,
    markdown: text,
    runtime: { ...text, default: 'node' },
    hub: { ...text, default: 'conformance' },
    concurrency: { ...text, default: '8' },
    slow: flag,
    all: flag,
    help: flag,
  }
  return parseArgs({ args: [...args], options }).values
}
