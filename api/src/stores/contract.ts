import { afterEach, beforeEach, describe } from 'bun:test'
import { testChats } from './contract/chats.ts'
import { testConcurrency } from './contract/concurrency.ts'
import { testDurability } from './contract/durability.ts'
import { testListings } from './contract/listings.ts'
import { testMessages } from './contract/messages.ts'
import type { OpenedStore, StoreUnderTest } from './contract/store-under-test.ts'
import { testUsers } from './contract/users.ts'

/** Proves every promise of the port `ChatStore` against one implementation. `open` gives an empty store each time. */
export function testChatStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`the ${name} chat store`, () => {
    let opened: OpenedStore
    const underTest: StoreUnderTest = {
      get store() {
        return opened.store
      },
      reopen: async () => {
        opened = await opened.reopen()
        return opened.store
      },
    }
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.dispose())

    testUsers(underTest)
    testChats(underTest)
    testMessages(underTest)
    testListings(underTest)
    testDurability(underTest)
    testConcurrency(underTest)
  })
}
