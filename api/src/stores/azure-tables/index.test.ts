import { afterAll, beforeAll } from 'bun:test'
import { type Azurite, startAzurite } from '../../testing/azurite.ts'
import { testChatStore } from '../contract.ts'
import type { OpenedStore } from '../contract/store-under-test.ts'
import { openAzureTablesStore } from './index.ts'

let azurite: Azurite
beforeAll(async () => {
  azurite = await startAzurite()
})
afterAll(() => azurite.stop())

let opened = 0
testChatStore('Azure Tables', async () => {
  const tablePrefix = `test${++opened}x`
  const open = async (): Promise<OpenedStore> => {
    const store = await openAzureTablesStore({
      connectionString: azurite.connectionString,
      tablePrefix,
      client: { allowInsecureConnection: true },
    })
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
