import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { openOrExplain, StartError } from './start-error.ts'

/** 32 random bytes as base64url are 43 letters. */
const Key = z.string().check(z.minLength(43))

const Secrets = z.object({
  /** Signs the session cookies. */
  sessionKey: Key,
  /** The access keys of the embedded pub/sub service: the first one signs, each one verifies. */
  pubsubKeys: z.tuple([Key], Key),
})
export type Secrets = z.infer<typeof Secrets>

/** Reads `secrets.json` of the data folder, or makes it at the first start (mode 0600). Throws a `StartError`. */
export function openSecrets(folder: string): Secrets {
  const file = join(folder, 'secrets.json')
  return openOrExplain(`The secrets in ${file} cannot be used`, () =>
    existsSync(file) ? readSecrets(file) : makeSecrets(file),
  )
}

function readSecrets(file: string): Secrets {
  chmodSync(file, 0o600) // a restored copy may have been readable for others
  const parsed = Secrets.safeParse(parseJson(readFileSync(file, 'utf8')))
  if (parsed.success) return parsed.data
  throw new StartError(
    `The secrets in ${file} are damaged: restore the file, or remove it and everybody signs in again`,
  )
}

/** Never lets the parser's own message out: it quotes what it read. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function makeSecrets(file: string): Secrets {
  const secrets: Secrets = { sessionKey: randomKey(), pubsubKeys: [randomKey(), randomKey()] }
  const draft = `${file}.new`
  const handle = openSync(draft, 'w', 0o600)
  writeSync(handle, `${JSON.stringify(secrets, null, 2)}\n`)
  fsyncSync(handle)
  closeSync(handle)
  renameSync(draft, file) // whole or not at all, whenever the power goes
  return secrets
}

const randomKey = () => randomBytes(32).toString('base64url')
