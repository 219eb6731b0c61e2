import { afterAll, beforeAll } from 'bun:test'
import type { ChatStore } from '../../ports.ts'
import { testChatStore } from '../contract.ts'
import type { OpenedStore } from '../contract/store-under-test.ts'
import { newPrefix, startTestStorage, type TestStorage } from './test-store.ts'

/** As many as function instances under some load. */
const processes = 4

let storage: TestStorage
beforeAll(async () => {
  storage = await startTestStorage()
})
afterAll(() => storage.stop())

/** Each call goes to the next store, which knows nothing of the others. */
function inTurn(stores: readonly ChatStore[]): ChatStore {
  let calls = 0
  const first = stores[0]
  if (first === undefined) throw new Error('no store')
  return new Proxy(first, {
    get: (_, verb) => {
      if (verb === 'close') return () => Promise.all(stores.map((store) => store.close()))
      return Reflect.get(stores[calls++ % stores.length] ?? first, verb)
    },
  })
}

testChatStore(`Azure Tables, ${processes} processes,`, async () => {
  const tablePrefix = newPrefix()
  const open = async (): Promise<OpenedStore> => {
    const store = inTurn(await Promise.all(Array.from({ length: processes }, () => storage.open({ tablePrefix }))))
    return {
      store,
      reopen: async () => {
        await store.close()
        return open()
      },
      dispose: () => store.close(),
    }
  }
  return open()
})
