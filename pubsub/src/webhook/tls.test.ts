import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'bun:test'
import { context, openHandler, outcomeOf, textEvent } from './testing.ts'

let folder = ''
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

/** A key and a certificate for `host` that nobody but itself vouches for. */
function makeCertificate(name: string, host: string) {
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)]
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`]
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  execFileSync('openssl', [...kind, ...subject, ...files], { stdio: 'ignore' })
  return { key: read(`${name}.key`), cert: read(`${name}.pem`) }
}

function startServer(tls: { key: string; cert: string }, posts: string[]) {
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls,
    async fetch(request) {
      if (request.method === 'POST') posts.push(await request.text())
      return new Response('back', { headers: { 'WebHook-Allowed-Origin': '*', 'Content-Type': 'text/plain' } })
    },
  })
}

describe('a webhook over TLS', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'webhook-tls-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['reaches a server that it trusts', 'localhost', true, 'sent'],
    ['sends nothing to a server that nobody vouches for', 'localhost', false, 'Unreachable'],
    ['sends nothing to a server with the certificate of another host', 'other.example', true, 'Unreachable'],
  ])('%s', async (_, host, isTrusted, outcome) => {
    const posts: string[] = []
    const log: object[] = []
    const tls = makeCertificate(`${host}-${isTrusted}`, host)
    const server = startServer(tls, posts)
    const url = `https://localhost:${server.port}/`
    const handler = openHandler(0, { url, log: (entry) => log.push(entry), ...(isTrusted && { ca: tls.cert }) })
    expect(await outcomeOf(handler.event(context(), textEvent('secret')))).toBe(outcome)
    const isRefused = JSON.stringify(log).includes('the certificate is not trusted')
    expect(isRefused).toBe(outcome !== 'sent')
    expect(posts).toEqual(outcome === 'sent' ? ['secret'] : [])
    await handler.close()
    await server.stop(true)
  })
})
