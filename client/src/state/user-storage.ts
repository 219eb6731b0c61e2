/** The part of `localStorage` that is used. */
export type StorageLike = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

/** One user's own corner of a storage. A storage that is full, forbidden or not there behaves as an empty one. */
export interface UserStorage {
  read: (name: string) => string | undefined
  /** `undefined` removes it. */
  write: (name: string, value: string | undefined) => void
  names: () => string[]
  /** For good: nothing is written any more. */
  clear: () => void
}

export function createUserStorage(storage: StorageLike | undefined, userId: string): UserStorage {
  const prefix = `chatr/${encodeURIComponent(userId)}/`
  let isCleared = false
  const attempt = <T>(run: (storage: StorageLike) => T, otherwise: T): T => {
    try {
      return storage ? run(storage) : otherwise
    } catch {
      return otherwise
    }
  }
  const names = () => attempt((storage) => keysOf(storage), []).flatMap((key) => withoutPrefix(key, prefix))
  const write = (name: string, value: string | undefined) =>
    attempt((storage) => {
      if (value === undefined) storage.removeItem(prefix + name)
      else if (!isCleared) storage.setItem(prefix + name, value)
    }, undefined)
  return {
    read: (name) => attempt((storage) => storage.getItem(prefix + name) ?? undefined, undefined),
    write,
    names,
    clear: () => {
      isCleared = true
      for (const name of names()) write(name, undefined)
    },
  }
}

/** `undefined` where the browser forbids it (cookies blocked): even naming it throws there. */
export function browserStorage(): StorageLike | undefined {
  try {
    return globalThis.localStorage
  } catch {
    return undefined
  }
}

const keysOf = (storage: StorageLike) =>
  Array.from({ length: storage.length }, (_, at) => storage.key(at)).filter((key) => key !== null)

const withoutPrefix = (key: string, prefix: string) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : [])
