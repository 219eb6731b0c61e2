import { describe, expect, it } from 'bun:test'
import { ConfigError, docs, readConfig } from './config.ts'

const problemsOf = (env: Record<string, string>) => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('needs no variable', () => {
    expect(readConfig({}, '/srv')).toEqual({
      port: 4280,
      host: '127.0.0.1',
      dataFolder: '/srv/.chatr',
      publicOrigin: undefined,
      idleAfterSeconds: 60,
      hasGuests: true,
      emulated: ['github', 'aad', 'twitter'],
      isEmulatedByDefault: true,
      sessionDays: 30,
      databaseMaxBytes: undefined,
      webPubSub: undefined,
      log: 'text',
    })
  })

  it('reads every variable', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '::',
      CHATR_DATA: '/var/lib/chatr',
      CHATR_PUBLIC_ORIGIN: 'https://Chat.example.com/',
      CHATR_IDLE_SECONDS: '5',
      CHATR_GUESTS: 'off',
      CHATR_EMULATED_SIGN_IN: 'github, twitter',
      CHATR_SESSION_DAYS: '1',
      CHATR_DATABASE_MAX_MB: '100',
      CHATR_WEB_PUBSUB: 'endpoint=https://x.webpubsub.azure.com;AccessKey=ab==;Version=1.0;',
      CHATR_LOG: 'json',
    })
    expect(config).toMatchObject({
      port: 0,
      host: '::',
      dataFolder: '/var/lib/chatr',
      publicOrigin: 'https://chat.example.com',
      idleAfterSeconds: 5,
      hasGuests: false,
      emulated: ['github', 'twitter'],
      isEmulatedByDefault: false,
      sessionDays: 1,
      databaseMaxBytes: 100_000_000,
      log: 'json',
    })
    expect(config.webPubSub).toMatchObject({ endpoint: 'https://x.webpubsub.azure.com/', accessKey: 'ab==' })
  })

  it('counts an empty variable as not set', () => {
    expect(readConfig({ PORT: '', CHATR_PUBLIC_ORIGIN: '' })).toMatchObject({ port: 4280, publicOrigin: undefined })
  })

  it('reports every wrong variable at once, each with what it had and what it wants', () => {
    const wrong = {
      PORT: '80a',
      HOST: 'not a host',
      CHATR_PUBLIC_ORIGIN: 'https://chat.example.com/path',
      CHATR_IDLE_SECONDS: '0',
      CHATR_GUESTS: 'maybe',
      CHATR_EMULATED_SIGN_IN: 'github,facebook,google',
      CHATR_SESSION_DAYS: '-1',
      CHATR_DATABASE_MAX_MB: '1.5',
      CHATR_LOG: 'loud',
    }
    const problems = problemsOf({ ...wrong, CHATR_WEB_PUBSUB: 'AccessKey=topsecret', CHATR_GEUSTS: 'on' })
    expect(problems).toHaveLength(11)
    for (const [name, value] of Object.entries(wrong)) {
      const { wants } = docs[name as keyof typeof docs] // the names above are those of the table
      expect(problems).toContain(`${name} is ${JSON.stringify(value)}; it wants ${wants}`)
    }
    expect(problems.some((line) => line.startsWith('CHATR_WEB_PUBSUB '))).toBe(true)
    expect(problems.at(-1)).toBe('CHATR_GEUSTS is not a variable of Chatr; did you mean CHATR_GUESTS?')
  })

  it('never shows the value of a secret', () => {
    expect(problemsOf({ CHATR_WEB_PUBSUB: 'AccessKey=topsecret' }).join('\n')).not.toContain('topsecret')
  })

  it('refuses ports outside of the range', () => {
    expect(problemsOf({ PORT: '65536' })).toHaveLength(1)
    expect(problemsOf({ PORT: '' })).toHaveLength(0)
  })

  it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('emulates providers on %s', (HOST) => {
    expect(readConfig({ HOST }).emulated).toHaveLength(3)
  })

  it.each(['0.0.0.0', '::', '10.0.0.7', 'chat.example.com'])('emulates no provider on %s', (HOST) => {
    expect(readConfig({ HOST }).emulated).toEqual([])
  })

  it('emulates no provider behind a public name, unless it is switched on', () => {
    const CHATR_PUBLIC_ORIGIN = 'https://chat.example.com'
    expect(readConfig({ CHATR_PUBLIC_ORIGIN }).emulated).toEqual([])
    expect(readConfig({ CHATR_PUBLIC_ORIGIN, CHATR_EMULATED_SIGN_IN: 'aad' }).emulated).toEqual(['aad'])
  })

  it('refuses a configuration with which nobody could sign in', () => {
    expect(problemsOf({ CHATR_GUESTS: 'off', CHATR_EMULATED_SIGN_IN: 'off' })[0]).toContain('nobody could sign in')
  })
})
