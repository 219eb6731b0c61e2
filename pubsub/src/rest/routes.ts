import * as z from 'zod/mini'
import type { Hub, Inside } from '../model.ts'
import { isGroupName } from '../names.ts'
import type { PermissionName } from '../roles.ts'
import * as refusals from '../service/refusals.ts'
import { type ListOptions, listPage } from '../service/member-listing.ts'
import { type Parcel, refuseTtl } from '../service/parcel.ts'
import * as operations from '../service/operations.ts'
import { readFilter, type Selection } from '../service/selection.ts'
import type { ClientProtocol } from '../tokens.ts'
import { type Answer, latestVersion } from './answers.ts'
import { readContent, readJson, readMetadata } from './body.ts'
import { allOf, oneOf, type Query } from './query.ts'
import type { Params, Route } from './router.ts'

/** One authenticated request for a hub whose name is valid, as is its group's, if it names one. */
interface Call {
  inside: Inside
  request: Request
  /** The hub as it is now: it may come to be while the body is on its way. */
  hub: () => Hub
  /** In the caller's spelling. */
  hubName: string
  params: Params
  query: Query
  /** As the caller knows it, without the query. */
  url: string
}

export type Handler = (call: Call) => Answer | Promise<Answer>

type Refusal = refusals.Refusal

const done = (status: number, refusal: Refusal | undefined | void): Answer => refusal ?? status
const no = (isThere: boolean, refusal: Refusal): Answer => (isThere ? 200 : refusal)

/** The part of the path that a route is sure to have, because its pattern says so. */
const named = ({ params }: Call, name: string): string => params[name] ?? ''
const idOf = (call: Call) => named(call, 'id')
const groupOf = (call: Call) => named(call, 'group')
const userOf = (call: Call) => named(call, 'user')

/** Every operation of spec 9.2 but health, which is of no hub; below `/api/hubs/{hub}`. */
const operationTable: Record<string, Handler> = {
  'POST /:generateToken': generateToken,
  'POST /:send': (call) => send(call, (parcel, selection) => operations.sendToAll(call.hub(), parcel, selection)),
  'POST /:closeConnections': (call) => done(204, operations.closeAll(call.hub(), closingOf(call))),
  'POST /:addToGroups': (call) => bulk(call, operations.addToGroups),
  'POST /:removeFromGroups': (call) => bulk(call, operations.removeFromGroups),

  'HEAD /connections/{id}': (call) =>
    no(call.hub().connections.has(idOf(call)), refusals.noConnection(idOf(call), 'Warning')),
  'DELETE /connections/{id}': (call) => done(204, operations.closeOne(call.hub(), idOf(call), closingOf(call))),
  'POST /connections/{id}/:send': (call) =>
    send(call, (parcel) => operations.sendToConnection(call.hub(), idOf(call), parcel)),
  'DELETE /connections/{id}/groups': (call) => done(204, operations.removeConnectionFromAll(call.hub(), idOf(call))),

  'HEAD /groups/{group}': (call) => no(call.hub().groups.has(groupOf(call)), refusals.noGroup(groupOf(call))),
  'POST /groups/{group}/:send': (call) =>
    send(call, (parcel, selection) =>
      operations.sendToGroup(call.hub(), { ...parcel, group: groupOf(call) }, selection),
    ),
  'POST /groups/{group}/:closeConnections': (call) =>
    done(204, operations.closeGroup(call.hub(), groupOf(call), closingOf(call))),
  'GET /groups/{group}/connections': list,
  'PUT /groups/{group}/connections/{id}': (call) =>
    done(200, operations.addConnection(call.hub(), groupOf(call), idOf(call))),
  'DELETE /groups/{group}/connections/{id}': (call) =>
    done(204, operations.removeConnection(call.hub(), groupOf(call), idOf(call))),

  'HEAD /users/{user}': (call) => no(call.hub().users.has(userOf(call)), refusals.noUser(userOf(call))),
  'POST /users/{user}/:send': (call) =>
    send(call, (parcel, selection) =>
      operations.sendToUser(call.hub(), { ...parcel, userId: userOf(call) }, selection),
    ),
  'POST /users/{user}/:closeConnections': (call) =>
    done(204, operations.closeUser(call.hub(), userOf(call), closingOf(call))),
  'PUT /users/{user}/groups/{group}': (call) => done(200, operations.addUser(call.hub(), groupOf(call), userOf(call))),
  'DELETE /users/{user}/groups/{group}': (call) =>
    done(204, operations.removeUser(call.hub(), groupOf(call), userOf(call))),
  'DELETE /users/{user}/groups': (call) => done(204, operations.removeUserFromAll(call.hub(), userOf(call))),

  'PUT /permissions/{permission}/connections/{id}': (call) => permit(call, 200, operations.grantPermission),
  'HEAD /permissions/{permission}/connections/{id}': (call) => permit(call, 200, operations.checkPermission),
  'DELETE /permissions/{permission}/connections/{id}': (call) => permit(call, 204, operations.revokePermission),
}

export const routes: Route<Handler>[] = Object.entries(operationTable).map(([key, handle]) => {
  const [method = '', path = ''] = key.split(' ')
  return { method, path: `/api/hubs/{hub}${path}`, handle }
})

type Send = (parcel: Parcel, selection: Selection) => Refusal | undefined

/** The query is looked at before the body is read (spec 9.5). */
async function send(call: Call, deliver: Send): Promise<Answer> {
  const { query, request, inside } = call
  const filter = readFilter(oneOf(query, 'filter'))
  if (filter.refusal) return filter.refusal
  const ttl = wholeOf(query, 'messageTtlSeconds')
  if (ttl.refusal) return ttl.refusal
  const refusal = refuseTtl(ttl.value)
  if (refusal) return refusal
  const read = await readContent(request, inside.engine.limits.messageMaxBytes)
  if ('status' in read) return read.status
  if (read.refusal) return read.refusal
  const parcel = { content: read.value, metadata: readMetadata(request), ttlSeconds: ttl.value }
  return done(202, deliver(parcel, { matches: filter.value, excludedIds: allOf(query, 'excluded') }))
}

/** A whole number, `undefined` for an absent one. */
function wholeOf(query: Query, name: string): refusals.Outcome<number | undefined> {
  const text = oneOf(query, name.toLowerCase())
  if (text === undefined) return { value: undefined }
  return /^-?\d{1,10}$/.test(text) ? { value: Number(text) } : { refusal: refusals.invalidValue(name, text) }
}

const closingOf = ({ query }: Call): operations.Closing => ({
  reason: oneOf(query, 'reason'),
  excluded: allOf(query, 'excluded'),
})

const BulkMembership = z.object({
  groups: z.nullish(z.array(z.string())),
  filter: z.nullish(z.string()),
})

type Bulk = (hub: Hub, bulk: operations.BulkMembership) => Refusal | undefined

async function bulk({ request, hub, inside }: Call, change: Bulk): Promise<Answer> {
  const read = await readJson(request, inside.engine.limits.messageMaxBytes)
  if ('status' in read) return read.status
  if (read.refusal) return read.refusal
  const body = BulkMembership.safeParse(lowerNames(read.value))
  if (body.success) return done(200, change(hub(), body.data))
  return body.error.issues[0]?.path[0] === 'groups' ? refusals.invalidGroups : notAnObject
}

/** Names count without case, as .NET reads them, and of two the last one: a `Filter` that is overlooked means all. */
function lowerNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => [name.toLowerCase(), item]))
}

const notAnObject = refusals.badRequest('The request body is not a valid JSON.')

/** By number too, as the enum of the real service has them (spec 9.2). */
const permissionNames = new Map<string, PermissionName>([
  ['sendtogroup', 'sendToGroup'],
  ['1', 'sendToGroup'],
  ['joinleavegroup', 'joinLeaveGroup'],
  ['2', 'joinLeaveGroup'],
])

type Permit = (hub: Hub, target: operations.PermissionTarget) => Refusal | undefined

function permit(call: Call, status: number, act: Permit): Answer {
  const permission = permissionNames.get(named(call, 'permission').toLowerCase())
  if (!permission) return refusals.invalidValue('permission', named(call, 'permission'))
  return done(
    status,
    act(call.hub(), { connectionId: idOf(call), permission, targetName: oneOf(call.query, 'targetname') }),
  )
}

/** `userId` is null for an anonymous member; the next page is told only where there is one (spec 9.3). */
function list(call: Call): Answer {
  const { query, hub } = call
  const [maxPageSize, top] = [wholeOf(query, 'maxpagesize'), wholeOf(query, 'top')]
  if (maxPageSize.refusal) return maxPageSize.refusal
  if (top.refusal) return top.refusal
  const options = {
    maxPageSize: maxPageSize.value,
    top: top.value,
    continuationToken: oneOf(query, 'continuationtoken'),
  }
  const page = listPage(hub(), groupOf(call), options)
  if (page.refusal) return page.refusal
  const { members, next } = page.value
  const value = members.map(({ connectionId, userId = null }) => ({ connectionId, userId }))
  return { body: JSON.stringify(next ? { value, nextLink: linkTo(call.url, next) } : { value }) }
}

function linkTo(url: string, { top, maxPageSize, continuationToken = '' }: ListOptions): string {
  const query = new URLSearchParams()
  if (top !== undefined) query.set('top', `${top}`)
  if (maxPageSize !== undefined) query.set('maxpagesize', `${maxPageSize}`)
  query.set('continuationToken', continuationToken)
  query.set('api-version', latestVersion)
  return `${url}?${query.toString()}`
}

const clientTypes = new Map<string, ClientProtocol>([
  ['default', 'default'],
  ['mqtt', 'mqtt'],
])

/**
 * Azure answers this to Entra callers only, and 401 to those with a key (spec 2.4). We know no Entra: a key's token is
 * all there is, so it is enough.
 */
function generateToken({ inside, query, hubName }: Call): Answer {
  const groups = allOf(query, 'group')
  if (!groups.every(isGroupName)) return { plain: refusals.invalid('group', refusals.invalidGroupName.message) }
  const clientType = oneOf(query, 'clienttype') ?? 'default'
  const protocol = clientTypes.get(clientType.toLowerCase())
  if (!protocol) return { plain: refusals.invalidValue('clientType', clientType) }
  const life = wholeOf(query, 'minutesToExpire')
  if (life.refusal) return { plain: life.refusal }
  const { value: lifeMinutes = 60 } = life
  if (lifeMinutes < 1) return { plain: refusals.invalid('minutesToExpire', tooShort) }
  const grant = { hub: hubName, userId: oneOf(query, 'userid'), roles: allOf(query, 'role'), groups }
  return { body: JSON.stringify({ token: inside.tokens.mint({ ...grant, lifeMinutes, protocol }) }) }
}

const tooShort = 'The field minutesToExpire must be at least 1.'
