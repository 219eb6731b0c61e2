const hubName = /^[A-Za-z][A-Za-z0-9_`,.[\]]{0,127}$/
const groupName = /^(?!\s+$).{1,1024}$/
const eventName = /^[a-z][a-z0-9_.-]{0,127}$/i

/** Hub names are compared without case: look hubs up by `hubKey`. */
export const isHubName = (name: string) => hubName.test(name)
export const hubKey = (name: string) => name.toLowerCase()
/** 1–1024 UTF-16 units on one line, not all white space. */
export const isGroupName = (name: string) => groupName.test(name)
export const isEventName = (name: string) => eventName.test(name)

/** 31 characters of the base64url alphabet, as the real service makes them: 186 random bits, safe in a URL path. */
export function newConnectionId(): string {
  const text = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url')
  // a slice of a string keeps the whole alive, for as long as the connection
  return Buffer.from(text).toString('latin1', 0, 31)
}
