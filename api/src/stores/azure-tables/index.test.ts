import { afterAll, beforeAll } from 'bun:test'
import { testChatStore } from '../contract.ts'
import type { OpenedStore } from '../contract/store-under-test.ts'
import { newPrefix, startTestStorage, type TestStorage } from './test-store.ts'

let storage: TestStorage
beforeAll(async () => {
  storage = await startTestStorage()
})
afterAll(() => storage.stop())

testChatStore('Azure Tables', async () => {
  const tablePrefix = newPrefix()
  const open = async (): Promise<OpenedStore> => {
    const store = await storage.open({ tablePrefix })
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
