import { flags } from './flags.ts'

const usage = 'chatr-pubsub: a Web PubSub service, spoken to as Azure Web PubSub is\n\nUsage: npx chatr-pubsub [flags]'

const flagLines = () => {
  const lines = Object.entries(flags).flatMap(([name, { value, help }]) =>
    help === undefined ? [] : [[`--${name} ${value ?? ''}`, help] as const],
  )
  const width = Math.max(...lines.map(([flag]) => flag.length))
  return lines.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`).join('\n')
}

const examples = `Examples:
  Try it on this machine, then open http://127.0.0.1:8080 in a browser:
    npx chatr-pubsub

  Send what clients of the hub "chat" do to your own server, and let in clients without a token:
    npx chatr-pubsub --handler chat=http://localhost:3000/eventhandler --allow-anonymous chat

  Serve others, with a key of your own and settings from a file that may change while it runs:
    CHATR_PUBSUB_KEY=<secret> npx chatr-pubsub --host 0.0.0.0 --config chatr-pubsub.json`

const notes = `A flag wins over the environment (CHATR_PUBSUB_KEY, CHATR_PUBSUB_KEY2), which wins over the file.
Changes to keys, hubs and handlers in the file are taken up at once, and with SIGHUP; others, and new TLS
certificates, when it starts again.
Ctrl+C or SIGTERM closes the connections gently; a second one stops at once.
It ends with 0 after a stop, also if a handler did not answer any more, with 2 if something here is wrong, with 1 if it cannot start.`

export const helpText = (): string => [usage, `Flags:\n${flagLines()}`, examples, notes].join('\n\n')
