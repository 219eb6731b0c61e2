type Listener = (...values: unknown[]) => void

/**
 * Stands in for Node's `events` in the page: the part that `@azure/web-pubsub-client` calls, in place of a port of the
 * whole module, which is 2 kB of the first load. It is a class because the client makes it with `new`.
 */
export default class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>()

  on(name: string, listener: Listener): this {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener])
    return this
  }

  removeListener(name: string, listener: Listener): this {
    const left = (this.#listeners.get(name) ?? []).filter((other) => other !== listener)
    this.#listeners.set(name, left)
    return this
  }

  emit(name: string, ...values: unknown[]): boolean {
    const listeners = this.#listeners.get(name) ?? []
    for (const listener of listeners) listener(...values)
    return listeners.length > 0
  }
}
