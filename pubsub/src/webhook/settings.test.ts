import { describe, expect, it } from 'bun:test'
import * as z from 'zod/mini'
import { openRoute, WebhookSettings } from './settings.ts'

const faultOf = (settings: object) => z.safeParse(WebhookSettings, settings).error?.issues[0]?.message

describe('the settings of a webhook', () => {
  it.each([
    { urlTemplate: 'http://localhost:3000/{hub}/{event}?code=a' },
    { urlTemplate: 'HTTPS://[::1]/api/{Hub}', userEventPattern: '', systemEvents: [] },
    { urlTemplate: 'https://app.example', userEventPattern: 'a, B.c', systemEvents: ['connect', 'disconnected'] },
    { urlTemplate: 'https://app.example?of={event}', userEventPattern: '*' },
  ])('may be %j', (settings) => {
    expect(faultOf(settings)).toBeUndefined()
  })

  it.each([
    ['ftp://app.example/', 'is not an http or https address'],
    ['tunnel:///hook', 'is not an http or https address'],
    ['app.example/hook', 'is not an http or https address'],
    ['', 'is not an http or https address'],
    ['https://{hub}.example/', 'has a parameter or a password in its host part'],
    ['https://{event}/', 'has a parameter or a password in its host part'],
    ['https://me:secret@app.example/', 'has a parameter or a password in its host part'],
    ['https://app.example/{user}', 'has a parameter that is neither {hub} nor {event}'],
    ['https://app.example/{hub', 'has a parameter that is neither {hub} nor {event}'],
    ['https://app.example/{@Microsoft.KeyVault(SecretUri=a)}', 'has a parameter that is neither {hub} nor {event}'],
  ])('may not have the address %s', (urlTemplate, fault) => {
    expect(faultOf({ urlTemplate })).toBe(fault)
    expect(() => openRoute({ urlTemplate })).toThrow(`urlTemplate ${fault}`)
  })

  it.each([
    { userEventPattern: 'a b' },
    { userEventPattern: 'room.*' },
    { systemEvents: ['joined'] },
    { systemEvent: ['connect'] },
  ])('may not have %j', (settings) => {
    expect(faultOf({ urlTemplate: 'https://app.example/', ...settings })).toBeString()
  })

  it.each([
    [undefined, 'message', false],
    ['', 'message', false],
    ['*', 'message', true],
    ['message', 'MESSAGE', true],
    ['a,Message', 'message', true],
    ['a, *', 'message', true],
    ['messages', 'message', false],
  ])('with the pattern %p and the event %s match: %p', (userEventPattern, name, isMatch) => {
    const route = openRoute({
      urlTemplate: 'https://app.example/',
      ...(userEventPattern !== undefined && { userEventPattern }),
    })
    expect(route.takesUserEvent(name)).toBe(isMatch)
  })

  it('fill the address for each hub and event', () => {
    const route = openRoute({ urlTemplate: 'https://app.example/{hub}/{event}?hub={hub}' })
    expect(route.targetOf('a,b', 'connect')).toEqual({
      isTls: true,
      hostname: 'app.example',
      port: 443,
      host: 'app.example',
      path: '/a%2Cb/connect?hub=a%2Cb',
      shown: 'https://app.example/a%2Cb/connect',
    })
    expect(route.targetOf('chat', 'x').path).toBe('/chat/x?hub=chat')
  })

  it('take an IPv6 address without its brackets', () => {
    const target = openRoute({ urlTemplate: 'http://[::1]:3000' }).targetOf('chat', 'x')
    expect(target).toMatchObject({ hostname: '::1', host: '[::1]:3000', port: 3_000, path: '/' })
  })
})
