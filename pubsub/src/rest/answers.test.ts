import { describe, expect, it } from 'bun:test'
import { askRest } from '../testing/rest-client.ts'
import { startService } from '../testing/service.ts'

const versions = { 'api-supported-versions': '2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01' }
const json = 'application/json; charset=utf-8'
const problem = 'application/problem+json; charset=utf-8'

const groupNameRule = 'Invalid group name. Valid group name should be in between 1 and 1024 characters long.'
const errorBody = (code: string, message: string, target: string) =>
  `{"code":"${code}","message":"${message}","target":"${target}","details":null,"inner":null}`
const problemBody = (target: string, message: string) =>
  `{"code":"Error.BadRequest","message":"${message}","target":"${target}","errors":{"${target}":["${message}"]},` +
  '"type":null,"title":"One or more validation errors occurred.","status":400,"detail":null,"instance":null,"extensions":{}}'

describe('an answer of the REST API', () => {
  it.each([
    ['POST /:send', 202],
    ['POST /:closeConnections', 204],
    ['DELETE /connections/x', 204],
    ['POST /connections/x/:send', 202],
    ['DELETE /connections/x/groups', 204],
    ['POST /groups/g/:send', 202],
    ['POST /groups/g/:closeConnections', 204],
    ['DELETE /groups/g/connections/x', 204],
    ['POST /users/u/:send', 202],
    ['POST /users/u/:closeConnections', 204],
    ['DELETE /users/u/groups/g', 204],
    ['DELETE /users/u/groups', 204],
    ['DELETE /permissions/sendToGroup/connections/x?targetName=g', 204],
  ])('to %s is %p without a body, though nobody is there', async (line, status) => {
    await using service = startService()
    const answer = await askRest(service.port, line.replace(' ', ' /api/hubs/chat'))
    const length = status === 204 ? {} : { 'Content-Length': '0' }
    expect(answer).toEqual({ status, headers: { ...length, ...versions }, hasDate: true, body: '' })
  })

  it.each([
    ['PUT /groups/g/connections/x', 'Error.Connection.NotExisted', 'Connection `x` is not found.', 'Connection'],
    ['PUT /users/u/groups/g', 'Warning.User.NotExisted', 'User `u` is not found.', 'User'],
    [
      'PUT /permissions/sendToGroup/connections/x?targetName=g',
      'Info.Connection.NotExisted',
      'Connection `x` is not found.',
      'Connection',
    ],
  ])('to %s is 404 with the code %p', async (line, code, message, target) => {
    await using service = startService()
    const answer = await askRest(service.port, line.replace(' ', ' /api/hubs/chat'))
    const body = errorBody(code, message, target)
    expect(answer).toEqual({
      status: 404,
      headers: { 'Content-Length': `${body.length}`, 'Content-Type': json, ...versions, 'x-ms-error-code': code },
      hasDate: true,
      body,
    })
  })

  it.each([
    ['HEAD /connections/x', errorBody('Warning.Connection.NotExisted', 'Connection `x` is not found.', 'Connection')],
    ['HEAD /users/u', errorBody('Warning.User.NotExisted', 'User `u` is not found.', 'User')],
    ['HEAD /groups/g', errorBody('Warning.Group.NotExisted', 'Group `g` is empty.', 'Group')],
    [
      'HEAD /permissions/joinLeaveGroup/connections/x?targetName=g',
      errorBody('Info.Connection.NotExisted', 'Connection `x` is not found.', 'Connection'),
    ],
  ])('to %s is 404 with the length of a body that is not sent', async (line, body) => {
    await using service = startService()
    const answer = await askRest(service.port, line.replace(' ', ' /api/hubs/chat'))
    const { code } = JSON.parse(body) as { code: string }
    expect(answer).toEqual({
      status: 404,
      headers: { 'Content-Type': json, ...versions, 'content-length': `${body.length}`, 'x-ms-error-code': code },
      hasDate: true,
      body: '',
    })
  })

  it('to HEAD and PUT of what is there is 200 without a body', async () => {
    await using service = startService()
    const { connectionId } = await service.join({ userId: 'u', groups: ['g'] })
    const permission = `/permissions/sendToGroup/connections/${connectionId}?targetName=g`
    for (const path of [`/groups/g/connections/${connectionId}`, '/users/u/groups/h', permission]) {
      expect(await askRest(service.port, `PUT /api/hubs/chat${path}`)).toEqual({
        status: 200,
        headers: { 'Content-Length': '0', ...versions },
        hasDate: true,
        body: '',
      })
    }
    for (const path of [`/connections/${connectionId}`, '/groups/g', '/users/u', permission]) {
      // the real service gives no length here; Bun does not let us leave it out
      expect(await askRest(service.port, `HEAD /api/hubs/chat${path}`)).toEqual({
        status: 200,
        headers: { ...versions, 'content-length': '0' },
        hasDate: true,
        body: '',
      })
    }
  })

  it.each([
    ['PUT /permissions/sendToGroup/connections/x', groupNameRule, 'Request'],
    ['DELETE /permissions/sendToGroup/connections/x', groupNameRule, 'Request'],
    ['POST /groups/%20/:send', groupNameRule, 'Request'],
    [`PUT /users/u/groups/${'g'.repeat(1_025)}`, groupNameRule, 'Request'],
    ['POST /:send?api-version=2024-12-02', "The api-version '2024-12-02' is not supported.", 'api-version'],
    [
      'POST /:send?api-version=2024-12-01&API-VERSION=2024-12-01',
      'The api-version is given more than once.',
      'api-version',
    ],
    ['GET /groups/g/connections?continuationToken=%2F', 'The continuation token is not valid.', 'continuationToken'],
  ])('to %.60s is a 400', async (line, message, target) => {
    await using service = startService()
    const answer = await askRest(service.port, line.replace(' ', ' /api/hubs/chat'))
    const body = errorBody('Error.BadRequest', message, target)
    const lengthOf = { 'Content-Length': `${body.length}`, 'Content-Type': json }
    const headers = { ...lengthOf, ...versions, 'x-ms-error-code': 'Error.BadRequest' }
    expect(answer).toEqual({ status: 400, headers, hasDate: true, body })
  })

  it('to a bad hub is a 400', async () => {
    await using service = startService()
    const { status, body } = await askRest(service.port, 'POST /api/hubs/1x/:send')
    expect([status, body]).toEqual([400, errorBody('Error.BadRequest', 'Invalid hub name.', 'Request')])
  })

  const notJson = errorBody('Error.BadRequest', 'The request body is not a valid JSON.', 'Request')
  it.each([
    ['/:send', '{"a":', notJson],
    ['/:send', 'null', notJson],
    ['/:send', '', notJson],
    ['/:addToGroups', '{', notJson],
    ['/:addToGroups', '[]', notJson],
    ['/:addToGroups', '{"groups":["g"],"filter":1}', notJson],
    ['/:addToGroups', '{}', problemBody('Groups', groupNameRule)],
    ['/:addToGroups', '{"groups":[]}', problemBody('Groups', groupNameRule)],
    ['/:removeFromGroups', '{"groups":["g",""],"filter":null}', problemBody('Groups', groupNameRule)],
    ['/:removeFromGroups', '{"groups":["g",1]}', problemBody('Groups', groupNameRule)],
    [
      '/:addToGroups',
      '{"groups":["g"],"filter":"userId lt 1"}',
      problemBody('Filter', "Invalid syntax for 'userId lt 1': Type 'string', expect 'int'. (Parameter 'filter')"),
    ],
  ])('to POST %s with the body %s is a 400', async (path, body, expected) => {
    await using service = startService()
    const headers = { 'Content-Type': 'application/json' }
    const answer = await askRest(service.port, `POST /api/hubs/chat${path}`, { headers, body })
    const isProblem = expected.includes('"errors"')
    expect(answer).toEqual({
      status: 400,
      headers: {
        'Content-Length': `${expected.length}`,
        'Content-Type': isProblem ? problem : json,
        ...(!isProblem && versions),
        'x-ms-error-code': 'Error.BadRequest',
      },
      hasDate: true,
      body: expected,
    })
    expect(await service.hub.groupExists('g')).toBe(false)
  })

  const badFilter =
    "Invalid syntax for 'invalid filter': Syntax error at position 14 in 'invalid filter'. (Parameter 'filter')"
  it.each([
    ['POST /:send?filter=invalid%20filter', badFilter, 'filter'],
    ['POST /groups/g/:send?filter=invalid%20filter', badFilter, 'filter'],
    ['POST /users/u/:send?filter=invalid+filter', badFilter, 'filter'],
    [
      'POST /:send?messageTtlSeconds=301',
      'The field messageTtlSeconds must be between 0 and 300.',
      'messageTtlSeconds',
    ],
    ['POST /:send?messageTtlSeconds=soon', "The value 'soon' is not valid.", 'messageTtlSeconds'],
    ['GET /groups/g/connections?maxpagesize=201', 'The field maxpagesize must be between 1 and 200.', 'maxpagesize'],
    ['GET /groups/g/connections?top=0', 'The field top must be between 1 and 2147483647.', 'top'],
    ['PUT /permissions/3/connections/x?targetName=g', "The value '3' is not valid.", 'permission'],
    ['POST /:generateToken?clientType=socketio', "The value 'socketio' is not valid.", 'clientType'],
    ['POST /:generateToken?minutesToExpire=0', 'The field minutesToExpire must be at least 1.', 'minutesToExpire'],
    ['POST /:generateToken?group=%20', groupNameRule, 'group'],
  ])('to %s is a problem document', async (line, message, target) => {
    await using service = startService()
    const answer = await askRest(service.port, line.replace(' ', ' /api/hubs/chat'))
    const body = problemBody(target, message)
    const contentType = line.includes('Token') ? json : problem
    expect(answer).toEqual({
      status: 400,
      headers: {
        'Content-Length': `${body.length}`,
        'Content-Type': contentType,
        'x-ms-error-code': 'Error.BadRequest',
      },
      hasDate: true,
      body,
    })
  })

  it('to a filter that is wrong has the recorded length', async () => {
    await using service = startService()
    const { headers } = await askRest(service.port, 'POST /api/hubs/chat/:send?filter=invalid%20filter')
    expect(headers['Content-Length']).toBe('416')
  })

  it('to the 1001st permission is a 409', async () => {
    await using service = startService()
    const { connectionId } = await service.join()
    for (let at = 0; at < 1_000; at++) {
      await service.hub.grantPermission(connectionId, 'sendToGroup', { targetName: `g${at}` })
    }
    const path = `/api/hubs/chat/permissions/sendToGroup/connections/${connectionId}?targetName=more`
    const { status, headers } = await askRest(service.port, `PUT ${path}`)
    expect([status, headers['x-ms-error-code']]).toEqual([409, 'Error.Connection.Conflict'])
  })

  it('to a body of an unknown type is 415 with an empty body', async () => {
    await using service = startService()
    const empty = { status: 415, headers: { 'Content-Length': '0', ...versions }, hasDate: true, body: '' }
    for (const [path, type] of [
      ['/:send', 'text/html'],
      ['/groups/g/:send', 'application/xml'],
      ['/:send', 'text/plain; charset=klingon'],
      ['/:addToGroups', 'text/plain'],
    ]) {
      const request = { headers: { 'Content-Type': type ?? '' }, body: '{"groups":["g"]}' }
      expect(await askRest(service.port, `POST /api/hubs/chat${path}`, request)).toEqual(empty)
    }
  })

  it('to an unknown path is 404, to a wrong method 405 with those that are right', async () => {
    await using service = startService()
    const base = '/api/hubs/chat'
    for (const path of ['/api/', '/api/hubs', base, `${base}/`, `${base}/groups//:send`, `${base}/:sendSuffix`]) {
      const { status, body } = await askRest(service.port, `POST ${path}`)
      expect([path, status, body]).toEqual([path, 404, ''])
    }
    for (const [line, allow] of [
      [`GET ${base}/:send`, 'POST'],
      [`PATCH ${base}/groups/g/connections/x`, 'PUT, DELETE'],
      [`POST ${base}/permissions/sendToGroup/connections/x`, 'PUT, HEAD, DELETE'],
      ['POST /api/health', 'HEAD, GET'],
    ]) {
      const { status, headers } = await askRest(service.port, line ?? '')
      expect([status, headers['Allow']]).toEqual([405, allow])
    }
  })

  it('to health needs no token and names no versions', async () => {
    await using service = startService()
    expect(await askRest(service.port, 'HEAD /api/health', { token: undefined })).toEqual({
      status: 200,
      headers: { 'content-length': '0' },
      hasDate: true,
      body: '',
    })
    await service.pubsub.close()
    expect((await askRest(service.port, 'HEAD /api/health', { token: undefined })).status).toBe(503)
  })

  it('asks browsers for TLS where the endpoint has it', async () => {
    await using service = startService({ endpoint: 'https://chat.example' })
    const secure = { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }
    for (const line of ['HEAD /api/health', 'POST /api/hubs/chat/:send?filter=x', 'POST /api/hubs/chat/:send']) {
      expect((await askRest(service.port, line)).headers).toMatchObject(secure)
    }
  })
})
