import { describe, expect, it } from 'bun:test'
import type { Connection } from '../model.ts'
import { reliableJson, until } from '../testing/service.ts'
import { createRecorder, recorderLimits } from './recorder.ts'
import { type InspectedService, startInspected } from './testing.ts'

/** A real connection, and as many others as wanted that are like it but for their id. */
async function someConnection(service: InspectedService) {
  const { connectionId } = await service.join({ userId: 'ana' })
  const connection = service.pubsub.inside.engine.hubs.get('chat')?.connections.get(connectionId)
  if (!connection) throw new Error('the connection is not there')
  const like = (id: string): Connection => ({ ...connection, context: { ...connection.context, connectionId: id } })
  const recorder = createRecorder(service.pubsub.inside.engine)
  recorder.start()
  const see = (one: Connection, frame: string | Uint8Array, direction: 'in' | 'out' = 'in') =>
    service.pubsub.inside.engine.observer?.frame(one, direction, frame)
  return { connection, connectionId, like, recorder, see }
}

describe('the frame recorder', () => {
  it('keeps the last fifty frames of a connection, with their numbers', async () => {
    await using service = startInspected()
    const { connection, connectionId, recorder, see } = await someConnection(service)
    for (let at = 1; at <= 60; at++) see(connection, `frame ${at}`)
    const frames = recorder.framesOf(connectionId, 0)
    expect(frames).toHaveLength(50)
    expect(frames[0]).toMatchObject({ number: 11, text: 'frame 11', direction: 'in', isCut: false })
    expect(recorder.framesOf(connectionId, 58).map(({ number }) => number)).toEqual([59, 60])
    expect(recorder.framesOf(connectionId, 60)).toEqual([])
  })

  it('keeps two kilobytes of a frame and tells its whole size', async () => {
    await using service = startInspected()
    const { connection, connectionId, recorder, see } = await someConnection(service)
    see(connection, 'é'.repeat(500_000))
    see(connection, new Uint8Array(1_000_000).fill(7))
    const [text, bytes] = recorder.framesOf(connectionId, 0)
    expect(text).toMatchObject({ bytes: 1_000_000, isCut: true, text: 'é'.repeat(2_048) })
    expect(bytes).toMatchObject({ bytes: 1_000_000, isCut: true, hex: '07'.repeat(2_048) })
    expect(recorder.bytes).toBeLessThan(20_000)
  })

  it('counts once what goes to many', async () => {
    await using service = startInspected()
    const { like, recorder, see } = await someConnection(service)
    const frame = 'x'.repeat(1_000)
    see(like('first'), frame, 'out')
    const { bytes } = recorder
    for (let at = 0; at < 100; at++) see(like(`c${at}`), frame, 'out')
    // the clock may have moved on meanwhile, which makes it another moment
    expect(recorder.bytes).toBeLessThan(bytes * 20)
    expect(recorder.framesOf('c7', 0)).toHaveLength(1)
  })

  it('stays within its bounds whatever comes, and keeps who is looked at', async () => {
    await using service = startInspected()
    const { connection, connectionId, like, recorder, see } = await someConnection(service)
    recorder.pin(connectionId)
    see(connection, 'the first of all')
    for (let at = 0; at < 12_000; at++) see(like(`c${at}`), `${at}${'x'.repeat(4_000)}`)
    expect(recorder.connectionCount).toBeLessThanOrEqual(recorderLimits.connections)
    expect(recorder.bytes).toBeLessThanOrEqual(recorderLimits.totalBytes)
    expect(recorder.framesOf(connectionId, 0)).toHaveLength(1)
    expect(recorder.framesOf('c11999', 0)).toHaveLength(1)
    expect(recorder.framesOf('c1', 0)).toEqual([])
  })

  it('records only who is looked at when too much goes through in a second', async () => {
    await using service = startInspected()
    const { connection, connectionId, like, recorder, see } = await someConnection(service)
    const unpin = recorder.pin(connectionId)
    const other = like('other')
    for (let at = 0; at < recorderLimits.framesPerSecond; at++) see(other, 'much')
    see(like('late'), 'too late')
    see(connection, 'still seen')
    expect(recorder.framesOf('late', 0)).toEqual([])
    expect(recorder.framesOf(connectionId, 0)).toHaveLength(1)
    recorder.sweep()
    see(like('late'), 'a second later')
    expect(recorder.framesOf('late', 0)).toHaveLength(1)
    unpin()
  })

  it('shows a connection for a minute after its end', async () => {
    await using service = startInspected()
    const { connection, connectionId, recorder, see } = await someConnection(service)
    see(connection, 'last words')
    expect(recorder.findGone(connectionId)).toBeUndefined()
    await service.pubsub.service('chat').closeConnection(connectionId)
    recorder.sweep()
    expect(recorder.goneOf('chat')).toEqual([connection])
    expect(recorder.goneOf('other')).toEqual([])
    service.pass(recorderLimits.goneMs - 1_000)
    recorder.sweep()
    expect(recorder.findGone(connectionId)).toBe(connection)
    service.pass(1_000)
    recorder.sweep()
    expect(recorder.findGone(connectionId)).toBeUndefined()
    expect(recorder.bytes).toBe(0)
  })

  it('overwrites the reconnection token in binary frames', async () => {
    await using service = startInspected()
    const { connectionId } = await service.join({ protocol: reliableJson })
    const { engine } = service.pubsub.inside
    const connection = engine.hubs.get('chat')?.connections.get(connectionId)
    const token = connection?.session?.reconnectionToken ?? ''
    expect(token.length).toBeGreaterThan(10)
    const recorder = createRecorder(engine)
    recorder.start()
    const frame = Buffer.from(`\u001a\u0002${token}\u0000`)
    if (connection) engine.observer?.frame(connection, 'out', frame)
    const shown = Buffer.from(recorder.framesOf(connectionId, 0)[0]?.hex ?? '', 'hex').toString()
    expect(shown).toBe(`\u001a\u0002${'*'.repeat(token.length)}\u0000`)
    expect(frame.toString()).toContain(token)
  })
})

describe('recording', () => {
  it('begins with the first look and ends ten minutes after the last', async () => {
    await using service = startInspected()
    const { engine } = service.pubsub.inside
    await service.join()
    expect(engine.observer).toBeUndefined()
    const page = await service.watch()
    expect(engine.observer).toBeDefined()
    service.pass(3_600_000)
    const { at } = await page.next()
    await page.until((snapshot) => snapshot.at > at + 3_000_000 || at > Date.now() + 3_000_000)
    expect(engine.observer).toBeDefined()
    await page.stop()
    service.pass(9 * 60_000)
    const { clock } = engine
    let looks = 0
    engine.clock = () => {
      looks++
      return clock()
    }
    // it looked at the clock, and went on
    await until(() => looks > 3)
    expect(engine.observer).toBeDefined()
    service.pass(60_000)
    await until(() => engine.observer === undefined)
  })
})
