/** The key that Microsoft's emulator is known by, so that a connection string written for it works here unchanged. */
export const developmentKey = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH'

/** Whether `host` (a name or an address, with or without brackets) can only be this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  return name === 'localhost' || name === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(name)
}

/**
 * What is wrong with serving `endpoint` on `hostname` with these keys, if anything: everybody knows the development
 * key, so it is for services that only this machine can reach.
 */
export function keyProblem({ hostname, endpoint, keys }: KeyUse): string | undefined {
  if (keys && !keys.includes(developmentKey)) return undefined
  const open = [hostname, ...(endpoint === undefined ? [] : [new URL(endpoint).hostname])].find(
    (host) => !isLoopbackHost(host),
  )
  return open === undefined
    ? undefined
    : `${open} can be reached by others, and everybody knows the development key: a key of your own is needed`
}

interface KeyUse {
  hostname: string
  endpoint?: string | undefined
  keys?: readonly string[] | undefined
}
