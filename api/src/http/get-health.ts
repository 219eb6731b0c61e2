import type { HealthResponse } from '@chatr/protocol'
import { json } from './responses.ts'
import type { Route } from './route.ts'

/** For everyone. Asks the store something, so that one that cannot answer shows as 503. */
export const getHealth: Route = async ({ store, version }) => {
  await store.findUser('health')
  const body: HealthResponse = { status: 'ok', version }
  return json(body)
}
