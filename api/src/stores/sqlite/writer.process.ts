import { openSqliteStore } from './index.ts'

// Writes as fast as it can with many callers, and prints each message's id and rev once it is acknowledged.
const [file = '', chatId = '', prefix = ''] = process.argv.slice(2)
const store = openSqliteStore({ file })

async function appendForEver(writer: number): Promise<never> {
  for (let count = 0; ; count++) {
    const id = `${prefix}-${writer}-${count}`
    const at = new Date().toISOString()
    const appended = await store.appendMessage(chatId, { id, at, from: 'ana', text: `line ${count}` })
    if (appended.outcome !== 'appended') throw new Error(appended.outcome)
    process.stdout.write(`${id} ${appended.rev}\n`)
  }
}

await Promise.all(Array.from({ length: 50 }, (_, writer) => appendForEver(writer)))
