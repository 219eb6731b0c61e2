// A module of one wildcard cannot be imported, and other workspaces that compile this file need it as well.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="./sql.d.ts" />
import type { Database } from 'bun:sqlite'
// As text, so that the one executable that `bun build --compile` makes holds them too.
import chat from './migrations/001-chat.sql' with { type: 'text' }

/** Forward only; the place in this list plus one is the schema's version. A released one is never changed. */
const migrations: readonly string[] = [chat]

export const schemaVersion = migrations.length

/** Brings the schema from version `from` to the newest, each step whole or not at all. */
export function migrate(db: Database, from: number): void {
  for (const [index, sql] of migrations.entries()) {
    if (index < from) continue
    db.transaction(() => {
      db.run(sql)
      db.run(`PRAGMA user_version = ${index + 1}`)
    }).immediate()
  }
}
