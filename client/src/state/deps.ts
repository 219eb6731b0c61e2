import type { User } from '@chatr/protocol'
import type { CreateConnection } from '../connection/connection.ts'
import { browserFetch } from '../connection/http-api.ts'
import type { Fetch } from '../connection/http-api.ts'
import { browserAfter } from '../connection/timers.ts'
import type { After, Clock } from '../connection/timers.ts'
import { createWebPubSubConnection } from '../connection/web-pubsub-connection.ts'
import { browserNotifier } from './notifications.ts'
import type { Notifier } from './notifications.ts'
import { browserPage } from './page.ts'
import type { Page } from './page.ts'
import { browserTabs } from './tabs.ts'
import type { Tabs } from './tabs.ts'
import { browserStorage } from './user-storage.ts'
import type { StorageLike } from './user-storage.ts'
import { browserRandom } from './uuid.ts'
import type { FillRandom } from './uuid.ts'

/** What the store takes from outside. Everything but `me` is the browser's own unless given. */
export interface ChatrDeps {
  me: User
  fetch: Fetch
  storage: StorageLike | undefined
  clock: Clock
  after: After
  /** In [0, 1): for the backoff. */
  random: () => number
  fillRandom: FillRandom
  createConnection: CreateConnection
  notifier: Notifier
  page: Page
  tabs: Tabs
}

export function withBrowser(given: Pick<ChatrDeps, 'me'> & Partial<ChatrDeps>): ChatrDeps {
  return {
    fetch: browserFetch,
    storage: 'storage' in given ? given.storage : browserStorage(),
    clock: Date.now,
    after: browserAfter,
    random: Math.random,
    fillRandom: browserRandom,
    createConnection: createWebPubSubConnection,
    notifier: browserNotifier,
    page: given.page ?? browserPage(),
    tabs: given.tabs ?? browserTabs(),
    ...given,
  }
}
