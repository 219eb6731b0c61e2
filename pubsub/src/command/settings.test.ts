import { describe, expect, it } from 'bun:test'
import { checkSettings, settingDocs } from './settings.ts'

const problemsOf = (values: unknown) => {
  const checked = checkSettings(values)
  return checked.ok ? [] : checked.problems
}

describe('settings', () => {
  it('take everything that there is', () => {
    const values = {
      port: 0,
      host: '::1',
      endpoint: 'https://pubsub.example.com',
      keys: ['one', 'two'],
      tls: { cert: 'cert.pem', key: 'key.pem' },
      hubs: {
        chat: {
          anonymousConnect: 'allow',
          eventHandlers: [
            { urlTemplate: 'http://a/{hub}/{event}?code=1', userEventPattern: 'a,b', systemEvents: ['connect'] },
          ],
        },
      },
      limits: { messageMaxBytes: 1_000 },
      inspector: 'off',
      metrics: 'on',
      log: 'json',
      drainSeconds: 0,
    }
    expect(checkSettings(values)).toMatchObject({ ok: true, settings: values })
  })

  it('are told every problem at once, with its path', () => {
    expect(
      problemsOf({
        port: '80',
        host: '',
        endpoint: 'http://a/b',
        keys: ['one', ''],
        tls: { cert: 'x' },
        hubs: {
          '1': {},
          chat: { anonymousConnect: 'yes', eventHandlers: [{ urlTemplate: 'ftp://a', systemEvents: ['conect'] }] },
        },
        limits: { messageMaxBytes: 0 },
        log: 1,
      }),
    ).toEqual([
      'port wants a whole number from 0 to 65535',
      'host wants an IP address or a host name, such as 127.0.0.1 or 0.0.0.0',
      'endpoint wants an http or https address without a path, such as https://pubsub.example.com',
      'keys[1] wants a list of one or two texts that are not empty',
      'tls.key wants a file name or PEM text',
      'hubs.1 wants settings under a hub name: a letter, then letters, digits and _ , . [ ] or `',
      'hubs.chat.anonymousConnect wants allow or deny',
      `hubs.chat.eventHandlers[0].urlTemplate wants ${settingDocs['hubs.*.eventHandlers.*.urlTemplate']?.wants}`,
      'hubs.chat.eventHandlers[0].systemEvents[0] wants a list of connect, connected and disconnected',
      'limits.messageMaxBytes wants a whole number from 1 (milliseconds: to 2147483647)',
      'log wants text, json or off',
    ])
  })

  it('refuse unknown names with the nearest known one, at every depth', () => {
    expect(
      problemsOf({
        ports: 1,
        tls: { cert: 'a', key: 'b', Cert: '' },
        hubs: { chat: { anonymous: 'allow', eventHandlers: [{ urlTemplate: 'http://a/', url: '' }] } },
        limits: { messageMaxByte: 1 },
      }),
    ).toEqual([
      'tls.Cert is unknown; did you mean cert?',
      'hubs.chat.eventHandlers[0].url is unknown; did you mean urlTemplate?',
      'hubs.chat.anonymous is unknown; did you mean anonymousConnect?',
      'limits.messageMaxByte is unknown; did you mean messageMaxBytes?',
      'ports is unknown; did you mean port?',
    ])
  })

  it('refuse a hub that is there twice', () => {
    expect(problemsOf({ hubs: { chat: {}, Chat: {} } })).toEqual([
      'hubs.Chat is there twice: names of hubs count without case',
    ])
  })

  it('refuse limits that contradict each other, and times that no timer can keep', () => {
    expect(problemsOf({ limits: { messageMaxBytes: 5_000_000 } })).toEqual([
      'limits.frameMaxBytes wants more than messageMaxBytes, which is 5000000',
    ])
    expect(problemsOf({ limits: { messageMaxBytes: 5_000_000, frameMaxBytes: 5_000_001 } })).toEqual([])
    expect(problemsOf({ limits: { recoveryMs: 2 ** 31 } })).toHaveLength(1)
  })

  it.each([[null], [[]], ['text'], [1]])('refuse %p in place of an object', (values) => {
    expect(problemsOf(values)).toEqual(['It wants an object { … }'])
  })

  it('show no value in a problem', () => {
    const secret = 'hush-hush'
    const values = {
      keys: secret,
      endpoint: secret,
      host: `${secret} `,
      hubs: { chat: { eventHandlers: [{ urlTemplate: secret }] } },
    }
    expect(problemsOf(values)).toHaveLength(4)
    expect(problemsOf(values).join('\n')).not.toContain(secret)
  })
})
