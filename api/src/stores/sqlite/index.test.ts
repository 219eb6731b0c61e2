import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testChatStore } from '../contract.ts'
import type { OpenedStore } from '../contract/store-under-test.ts'
import { openSqliteStore } from './index.ts'

testChatStore('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatr-store-'))
  const open = (): OpenedStore => {
    const store = openSqliteStore({ file: join(folder, 'chatr.db') })
    return {
      store,
      reopen: async () => {
        await store.close()
        return open()
      },
      dispose: async () => {
        await store.close()
        rmSync(folder, { recursive: true })
      },
    }
  }
  return open()
})
