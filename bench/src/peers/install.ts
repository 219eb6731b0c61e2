import { spawnSync } from 'node:child_process'

const packages = 'nats-server mosquitto nginx libnginx-mod-nchan'

/** The one line that installs all peers that do not come from npm (Debian and Ubuntu). */
export const aptLine = `apt-get install -y --no-install-recommends ${packages}`

/** Undefined when the program can be started. */
export const missingProgram = (program: string): string | undefined => (Bun.which(program) ? undefined : aptLine)

/** The first line that contains a digit of what a command prints, on either stream. */
export function firstLine(command: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  return (
    `${stdout ?? ''}\n${stderr ?? ''}`
      .split('\n')
      .find((line) => /\d/.test(line))
      ?.trim() ?? 'unknown version'
  )
}
