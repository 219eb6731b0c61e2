import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from './config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatr-pubsub-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Given {
  args?: string[]
  env?: Record<string, string>
  stdin?: string
  file?: unknown
}

function read({ args = [], env = {}, stdin = '', file }: Given) {
  if (file !== undefined) writeFileSync(join(folder, 'c.json'), typeof file === 'string' ? file : JSON.stringify(file))
  const flags = file === undefined ? args : [...args, '--config', 'c.json']
  return readConfig({ args: flags, env, cwd: folder, readStdin: () => stdin })
}

function settingsOf(given: Given) {
  const config = read(given)
  if (!config.ok || !('config' in config)) throw new Error(JSON.stringify(config))
  return config.config.settings
}

function problemsOf(given: Given) {
  const config = read(given)
  return config.ok ? [] : config.problems
}

describe('the configuration', () => {
  it('lets a flag win over the environment, and that over the file', () => {
    const file = { port: 1, log: 'off', keys: ['file'] }
    expect(settingsOf({ file }).keys).toEqual(['file'])
    expect(settingsOf({ file, env: { CHATR_PUBSUB_KEY: 'env' } }).keys).toEqual(['env'])
    const all = settingsOf({ file, env: { CHATR_PUBSUB_KEY: 'env' }, args: ['--key', 'flag', '--port=2'] })
    expect(all).toMatchObject({ keys: ['flag'], port: 2, log: 'off' })
  })

  it('adds the handlers of flags to those of the file, in front', () => {
    const file = { hubs: { Chat: { anonymousConnect: 'allow', eventHandlers: [{ urlTemplate: 'http://file/' }] } } }
    const { hubs } = settingsOf({ file, args: ['--handler', 'chat=http://flag/{event}', '--allow-anonymous', 'game'] })
    expect(hubs?.['chat']).toMatchObject({
      anonymousConnect: 'allow',
      eventHandlers: [{ urlTemplate: 'http://flag/{event}', userEventPattern: '*' }, { urlTemplate: 'http://file/' }],
    })
    expect(hubs?.['game']?.anonymousConnect).toBe('allow')
  })

  it('reads standard input for a program, which says everything there', () => {
    const given = { args: ['--config', '-'], stdin: '{"keys":["stdin"]}', env: { CHATR_PUBSUB_KEY: 'env' } }
    expect(settingsOf(given).keys).toEqual(['stdin'])
  })

  it('reads TLS files from beside the file', () => {
    writeFileSync(join(folder, 'cert.pem'), 'the certificate')
    const { tls } = settingsOf({ file: { tls: { cert: 'cert.pem', key: '-----BEGIN PRIVATE KEY-----' } } })
    expect(tls).toEqual({ cert: 'the certificate', key: '-----BEGIN PRIVATE KEY-----' })
  })

  it('wants a key of one’s own where others can reach it', () => {
    const words = /^0\.0\.0\.0 can be reached by others, .* set CHATR_PUBSUB_KEY, or keys in a --config file$/
    expect(problemsOf({ args: ['--host', '0.0.0.0'] })).toEqual([expect.stringMatching(words)])
    expect(problemsOf({ args: ['--host', '0.0.0.0'], env: { CHATR_PUBSUB_KEY: 'mine' } })).toEqual([])
    expect(problemsOf({ args: ['--endpoint', 'https://a.example'] })).toHaveLength(1)
    expect(problemsOf({ args: ['--host', '::1', '--endpoint', 'http://localhost'] })).toEqual([])
  })

  it('names every problem of flags, environment and file, a line each', () => {
    const file = { log: 'loud', prot: 1 }
    const env = { CHATR_PUBSUB_KEY3: 'x', CHATR_PUBSUB_KEY2: 'y' }
    expect(problemsOf({ file, env })).toEqual([
      'c.json: log wants text, json or off',
      'c.json: prot is unknown; did you mean port?',
      'CHATR_PUBSUB_KEY3 is unknown; did you mean CHATR_PUBSUB_KEY?',
      'CHATR_PUBSUB_KEY2 wants CHATR_PUBSUB_KEY beside it',
    ])
  })

  it('starts beside a Kubernetes Service of its name', () => {
    const names = ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT', 'PORT_8080_TCP', 'PORT_8080_TCP_PROTO']
    const others = ['PORT_8080_TCP_PORT', 'PORT_8080_TCP_ADDR', 'KEY_SERVICE_HOST', 'KEY_PORT']
    const env = Object.fromEntries([...names, ...others].map((name) => [`CHATR_PUBSUB_${name}`, 'tcp://10.0.0.1:8080']))
    expect(problemsOf({ env })).toEqual([])
    expect(settingsOf({ env: { ...env, CHATR_PUBSUB_KEY: 'mine' } }).keys).toEqual(['mine'])
  })

  it.each(['CHATR_PUBSUB_KYE', 'CHATR_PUBSUB_KEYS', 'CHATR_PUBSUB_KEY_2', 'CHATR_PUBSUB_ACCESS_KEY'])(
    'refuses %s, which is meant for a key',
    (name) => {
      const words = new RegExp(`^${name} is unknown; did you mean CHATR_PUBSUB_KEY2?\\?$`)
      expect(problemsOf({ env: { [name]: 'x' } })).toEqual([expect.stringMatching(words)])
    },
  )

  it('bears a byte order mark', () => {
    expect(settingsOf({ file: '\uFEFF{"port":7}' }).port).toBe(7)
    expect(settingsOf({ args: ['--config', '-'], stdin: '\uFEFF{"port":8}' }).port).toBe(8)
  })

  it('says why a file cannot be used, without a word of it', () => {
    expect(problemsOf({ args: ['--config', 'none.json'] })).toEqual(['none.json cannot be read: there is no such file'])
    expect(problemsOf({ args: ['--config', '.'] })).toEqual(['. cannot be read: it is a folder'])
    expect(problemsOf({ file: { tls: { cert: 'none', key: 'none' } } })).toEqual([
      'tls.cert cannot be read: there is no such file',
      'tls.key cannot be read: there is no such file',
    ])
    const [problem = ''] = problemsOf({ file: '{"keys": [hushhush]}' })
    expect(problem).toStartWith('c.json is not JSON: ')
    expect(problem).not.toContain('hush')
  })
})

describe('flags', () => {
  it.each([
    [
      ['--prot', '1'],
      ['--prot is unknown; did you mean --port?', 'argument 2 is no flag; see --help'],
    ],
    [['--port'], ['--port wants <number>']],
    [
      ['--port', '--host', '::1'],
      ['--port wants <number>', 'argument 3 is no flag; see --help'],
    ],
    [['--port=80a'], ['--port wants a whole number from 0 to 65535']],
    [['--key='], ['--key wants <key>']],
    [['--key2', 'b'], ['--key2 wants a --key beside it']],
    [['--tls-cert', 'a'], ['--tls-key wants a file name or PEM text']],
    [['--handler', 'chat'], ['--handler wants <hub>=<url>, such as chat=http://localhost:3000/eventhandler']],
    [['--drain-seconds', '-1'], ['--drain-seconds wants <number>']],
    [['--lifeline-fd', 'x'], ['--lifeline-fd wants a file descriptor']],
    [['--version=2'], ['--version takes no value']],
    [['chat'], ['argument 1 is no flag; see --help']],
  ])('%p are refused in plain words', (args, problems) => {
    expect(problemsOf({ args })).toEqual(problems)
  })

  it('ask for help and version, whatever else is wrong', () => {
    expect(read({ args: ['--help', '--prot'] })).toEqual({ ok: true, asksFor: 'help' })
    expect(read({ args: ['-h'] })).toEqual({ ok: true, asksFor: 'help' })
    expect(read({ args: ['--version'] })).toEqual({ ok: true, asksFor: 'version' })
  })
})
