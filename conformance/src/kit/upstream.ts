import type { HubSettings } from '../model.ts'
import type { Answer, Call } from './callback.ts'
import { Difference, same } from './expect.ts'

const systemEvents = ['connect', 'connected', 'disconnected'] as const

const settingsOf = (name: string) =>
  ({
    all: { handlers: [{ name, userEventPattern: '*', systemEvents }] },
    users: { handlers: [{ name, userEventPattern: '*' }] },
    connects: { handlers: [{ name, systemEvents: ['connect'] }] },
  }) satisfies Record<string, HubSettings>

/** Hubs whose handler is Microsoft's express middleware: all its events, user events, or `connect`. */
export const express = settingsOf('express')
/** Hubs whose handler answers as the case says. */
export const raw = settingsOf('raw')

export const echo = '{"type":"event","event":"echo","ackId":1,"dataType":"text","data":"hi"}'
export const ack = '{"type":"ack","ackId":1,"success":true}'

export const jsonAnswer = (body: string): Answer => ({ headers: { 'content-type': 'application/json' }, body })

/** Answers what is posted so; validation passes. */
export const post =
  (answer: Answer) =>
  ({ method }: Call): Answer | undefined =>
    method === 'OPTIONS' ? undefined : answer

export function expectHeaders(call: Call | undefined, expected: Record<string, string>): void {
  if (!call) throw new Difference('a call of the handler', 'none')
  for (const [name, value] of Object.entries(expected)) same(call.headers[name], value, name)
}
