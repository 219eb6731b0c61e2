import * as z from 'zod/mini'
import type { Engine } from '../model.ts'
import { hubKey, isHubName } from '../names.ts'
import type { HubService } from '../service/service.ts'
import type { ServiceError } from '../service/refusals.ts'

const bodyMaxBytes = 2 * 1_048_576
const hub = z.string().check(z.refine(isHubName, 'is no hub name'))
const id = z.string().check(z.minLength(1), z.maxLength(1024))
const target = { hub, connectionId: id }

const bodies = {
  token: z.object({
    hub,
    userId: z.optional(id),
    roles: z.array(z.string()),
    groups: z.array(id),
  }),
  close: z.object({ ...target, reason: z.optional(z.string().check(z.maxLength(500))) }),
  send: z.object({
    hub,
    to: z.union([z.object({ connectionId: id }), z.object({ group: id }), z.object({ userId: id }), z.literal('all')]),
    message: z.union([
      z.object({ dataType: z.literal('text'), data: z.string() }),
      z.object({ dataType: z.literal('json'), data: z.unknown() }),
    ]),
  }),
  join: z.object({ ...target, group: id }),
  leave: z.object({ ...target, group: id }),
}

type ActionName = keyof typeof bodies
type BodyOf<Name extends ActionName> = z.infer<(typeof bodies)[Name]>
type Handlers = { [Name in ActionName]: (body: BodyOf<Name>, service: HubService) => Promise<object> }

const handlers: Handlers = {
  async token({ hub, userId, roles, groups }, service) {
    const user = userId === undefined ? {} : { userId }
    const { token } = await service.getClientAccessToken({ ...user, roles, groups })
    return { path: `/client/hubs/${hub}`, token }
  },
  async close({ connectionId, reason }, service) {
    await service.closeConnection(connectionId, reason === undefined ? {} : { reason })
    return {}
  },
  async send({ to, message }, service) {
    await sendTo(service, to, message)
    return {}
  },
  async join({ connectionId, group }, service) {
    await service.group(group).addConnection(connectionId)
    return {}
  },
  async leave({ connectionId, group }, service) {
    await service.group(group).removeConnection(connectionId)
    return {}
  },
}

function sendTo(service: HubService, to: BodyOf<'send'>['to'], { dataType, data }: BodyOf<'send'>['message']) {
  const options = { contentType: dataType === 'text' ? 'text/plain' : 'application/json' } as const
  if (to === 'all') return service.sendToAll(data, options)
  if ('group' in to) return service.group(to.group).sendToAll(data, options)
  if ('userId' in to) return service.sendToUser(to.userId, data, options)
  return service.sendToConnection(to.connectionId, data, options)
}

interface ActionSetup {
  engine: Engine
  service: (hub: string) => HubService
}

/** Does what a button of the page says; `undefined` for a name that is no action. What was refused is a sentence. */
export function act(setup: ActionSetup, name: string, request: Request): Promise<Response> | undefined {
  return isAction(name) ? perform(setup, name, request) : undefined
}

const isAction = (name: string): name is ActionName => Object.hasOwn(bodies, name)

async function perform({ engine, service }: ActionSetup, name: ActionName, request: Request): Promise<Response> {
  const read = bodies[name].safeParse(await readBody(request))
  if (!read.success)
    return refuse(400, read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '))
  const body = read.data
  // A token may be for a hub that does not exist yet; nothing else creates one by a typing error.
  if (name !== 'token' && !engine.hubs.has(hubKey(body.hub))) return refuse(404, `There is no hub ${body.hub}.`)
  // The body was read by the schema of the same name.
  const handle = handlers[name] as (body: unknown, service: HubService) => Promise<object>
  try {
    return Response.json(await handle(body, service(body.hub)))
  } catch (error) {
    if (isServiceError(error)) return refuse(error.statusCode, error.message)
    throw error
  }
}

/** `undefined`, which no schema takes, for what is no JSON or too large. */
async function readBody(request: Request): Promise<unknown> {
  if (!request.headers.get('content-type')?.startsWith('application/json')) return undefined
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (!(length <= bodyMaxBytes)) return undefined
  const text = await request.text()
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isServiceError = (error: unknown): error is ServiceError => error instanceof Error && 'statusCode' in error

const refuse = (status: number, error: string) => Response.json({ error }, { status })
