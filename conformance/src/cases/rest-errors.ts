import type { Context } from '../kit/context.ts'
import { includes, same } from '../kit/expect.ts'
import {
  type ErrorModel,
  expectsError,
  expectsHeaders,
  expectsProblem,
  type RestOptions,
  restUrl,
} from '../kit/rest.ts'
import { now, signToken } from '../kit/token.ts'
import { area } from '../model.ts'

const groupName = 'Invalid group name. Valid group name should be in between 1 and 1024 characters long.'
const missing = (code: string, target: 'Connection' | 'User'): ErrorModel => ({
  status: 404,
  code,
  target,
  message: `${target} \`nobody\` is not found.`,
})
const badGroup: ErrorModel = { status: 400, code: 'Error.BadRequest', message: groupName, target: 'Request' }

/** Requests whose answer is the service's error object; of a HEAD only the headers can be seen. */
const errors: [request: string, error: ErrorModel, evidence: string, edges: string[]][] = [
  ['HEAD /connections/nobody', missing('Warning.Connection.NotExisted', 'Connection'), 'W', []],
  ['PUT /groups/lobby/connections/nobody', missing('Error.Connection.NotExisted', 'Connection'), 'W', ['26']],
  [
    'PUT /permissions/sendToGroup/connections/nobody?targetName=lobby',
    missing('Info.Connection.NotExisted', 'Connection'),
    ...(['W', []] as [string, string[]]),
  ],
  [
    'HEAD /permissions/sendToGroup/connections/nobody?targetName=lobby',
    missing('Info.Connection.NotExisted', 'Connection'),
    ...(['W', []] as [string, string[]]),
  ],
  ['HEAD /users/nobody', missing('Warning.User.NotExisted', 'User'), 'W', []],
  ['PUT /users/nobody/groups/lobby', missing('Warning.User.NotExisted', 'User'), 'W', ['27']],
  ['DELETE /permissions/sendToGroup/connections/nobody', badGroup, 'W', []],
  ['PUT /permissions/sendToGroup/connections/nobody', badGroup, 'W', []],
]

const syntax = (filter: string, position: number) =>
  `Invalid syntax for '${filter}': Syntax error at position ${position} in '${filter}'. (Parameter 'filter')`

/** Requests without anything to act on, and what they are answered with. */
const statuses: [request: string, status: number, evidence: string, edges: string[]][] = [
  ['POST /connections/nobody/:send', 202, 'W', ['25']],
  ['POST /users/nobody/:send', 202, 'W', ['25']],
  ['POST /groups/nobody/:send', 202, 'W', ['25']],
  ['DELETE /connections/nobody', 204, 'W', ['13', '28']],
  ['DELETE /connections/nobody/groups', 204, 'W', ['28']],
  ['DELETE /groups/lobby/connections/nobody', 204, 'W', ['28']],
  ['DELETE /users/nobody/groups/lobby', 204, 'W', ['28']],
  ['DELETE /users/nobody/groups', 204, 'W', ['28']],
  ['DELETE /permissions/sendToGroup/connections/nobody?targetName=lobby', 204, 'W', ['28']],
  ['POST /groups/nobody/:closeConnections', 204, 'W', []],
  ['POST /users/nobody/:closeConnections', 204, 'W', []],
  ['HEAD /groups/nobody', 404, 'W', ['33']],
  ['POST /:send?messageTtlSeconds=300', 202, 'O', []],
  ['POST /:send?messageTtlSeconds=301', 400, 'O', []],
  ['POST /:send?messageTtlSeconds=-1', 400, 'O', []],
  ['POST /:send?messageTtlSeconds=soon', 400, 'O', []],
  ['GET /groups/lobby/connections?maxpagesize=0', 400, 'O', []],
  ['GET /groups/lobby/connections?maxpagesize=201', 400, 'O', []],
  ['GET /groups/lobby/connections?top=0', 400, 'O', []],
  ['GET /groups/lobby/connections?continuationToken=%21%21', 400, 'E', []],
]

const types: [type: string, status: number][] = [
  ['text/plain', 202],
  ['text/plain; charset=utf-8', 202],
  ['application/json', 202],
  ['application/octet-stream', 202],
  ['application/xml', 415],
]

export const restErrorCases = area('rest errors', '9.4', [
  ...errors.map(([request, error, evidence, edges]) => ({
    id: request.replaceAll(/[^a-z]+/gi, '-').toLowerCase(),
    title: `${request} is ${error.status} ${error.code}`,
    evidence,
    edges,
    run: async (context: Context) => {
      const answer = await ask(context, request)
      if (!request.startsWith('HEAD')) return expectsError(answer, error)
      const { status, code, message, target } = error
      const body = JSON.stringify({ code, message, target, details: null, inner: null })
      same(answer.status, status, 'status')
      expectsHeaders(answer, {
        'x-ms-error-code': code,
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
      })
    },
  })),
  ...statuses.map(([request, status, evidence, edges]) => ({
    id: request.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase(),
    title: `${request} is ${status}`,
    spec: '9.2',
    evidence,
    edges,
    run: async (context: Context) => {
      const options = request.includes(':send') ? { body: 'x' } : {}
      same((await ask(context, request, options)).status, status)
    },
  })),
  {
    id: 'head-group',
    title: 'HEAD of a group without members has the code Warning.Group.NotExisted',
    evidence: 'W',
    run: async (context) => {
      const answer = await ask(context, 'HEAD /groups/nobody')
      expectsHeaders(answer, { 'x-ms-error-code': 'Warning.Group.NotExisted' })
    },
  },
  {
    id: 'filter',
    title: 'a filter in the query that cannot be read is a problem document with the position',
    evidence: 'W',
    edges: ['29'],
    run: async (context) => {
      const answer = await ask(context, 'POST /:send?filter=invalid%20filter', { body: 'x' })
      expectsProblem(answer, { message: syntax('invalid filter', 14), target: 'filter' })
      same(Buffer.byteLength(answer.text), 416, 'its recorded length')
      expectsHeaders(answer, { 'api-supported-versions': null })
    },
  },
  {
    id: 'filter-type',
    title: 'a filter with a type error says which',
    evidence: 'E',
    edges: ['29'],
    run: async (context) => {
      const answer = await ask(context, 'POST /:send?filter=userId%20lt%201', { body: 'x' })
      const message = "Invalid syntax for 'userId lt 1': Type 'string', expect 'int'. (Parameter 'filter')"
      expectsProblem(answer, { message, target: 'filter' })
    },
  },
  {
    id: 'body-filter',
    title: 'a filter in the body that cannot be read is a problem document for Filter',
    evidence: 'W',
    edges: ['29'],
    run: async (context) => {
      const answer = await ask(context, 'POST /:addToGroups', { body: { groups: ['g'], filter: 'invalid filter' } })
      same([answer.status, answer.headers.get('content-type')], [400, 'application/problem+json; charset=utf-8'])
      includes(JSON.parse(answer.text), { code: 'Error.BadRequest', target: 'Filter', status: 400 })
    },
  },
  ...['POST /:addToGroups', 'POST /:removeFromGroups'].flatMap((request) => [
    {
      id: `no-groups-${request.slice(7)}`,
      title: `${request} without groups is a problem document for Groups`,
      evidence: 'W',
      run: async (context: Context) => {
        expectsProblem(await ask(context, request, { body: { groups: [] } }), { message: groupName, target: 'Groups' })
      },
    },
    {
      id: `json-${request.slice(7)}`,
      title: `${request} of a body that is no JSON is 400`,
      evidence: 'E',
      run: async (context: Context) => {
        const answer = await ask(context, request, { body: '{', headers: { 'content-type': 'application/json' } })
        same(answer.status, 400)
      },
    },
    {
      id: `type-${request.slice(7)}`,
      title: `${request} of plain text is 415`,
      evidence: 'O',
      run: async (context: Context) => {
        same((await ask(context, request, { body: '{"groups":["g"]}' })).status, 415)
      },
    },
  ]),
  {
    id: 'bad-json',
    title: 'a send of a body that is no JSON is 400',
    evidence: 'E',
    run: async (context) => {
      const answer = await ask(context, 'POST /:send', { body: '{', headers: { 'content-type': 'application/json' } })
      same(answer.status, 400)
      includes(JSON.parse(answer.text), { code: 'Error.BadRequest', message: 'The request body is not a valid JSON.' })
    },
  },
  {
    id: 'bad-hub',
    title: 'a hub that cannot be named so is 400 with its text',
    evidence: 'E',
    run: async (context) => {
      const answer = await context.rest('POST', '//api/hubs/1hub/:send', { body: 'x' })
      same(answer.status, 400)
      includes(JSON.parse(answer.text), { code: 'Error.BadRequest', message: 'Invalid hub name.' })
    },
  },
  ...types.map(([type, status]) => ({
    id: `type-${type.replaceAll(/\W+/g, '-')}`,
    title: `a send of ${type} is ${status}`,
    spec: '9.2',
    evidence: 'O',
    run: async (context: Context) => {
      same((await ask(context, 'POST /:send', { body: '"x"', headers: { 'content-type': type } })).status, status)
    },
  })),
  {
    id: 'too-large',
    title: 'a body above 1 MiB is refused with 400 or 413',
    spec: '15.11',
    evidence: 'DE',
    edges: ['10'],
    run: async (context) => {
      const { status } = await ask(context, 'POST /:send', { body: 'x'.repeat(1_048_577) })
      same(status === 400 || status === 413 ? '400 or 413' : status, '400 or 413')
    },
  },
  ...(
    [
      ['no-token', () => '', 401],
      ['nonsense', () => 'nonsense', 401],
      ['wrong-key', (context, url) => signToken(claims(url), 'another-key-of-nobody-0123456789abcdef'), 401],
      ['expired', (context, url) => signToken({ ...claims(url), exp: now() - 3_600 }, context.target.key), 401],
      ['client-token', (context) => context.token(), 401],
      ['other-path', (context, url) => sign(context, url.replace(':send', ':sendSuffix')), 401],
      ['other-hub', (context, url) => sign(context, url.replace(context.hub, 'otherhub')), 401],
      ['parent', (context, url) => sign(context, url.slice(0, url.indexOf('/:send'))), 401],
      ['other-host', (_, url) => signToken(claims(url.replace(/\/\/[^/]+/, '//other.example')), _.target.key), 401],
      ['no-query', (context, url) => sign(context, url.split('?')[0] ?? ''), 202],
      ['other-query', (context, url) => sign(context, `${url}&x=1`), 202],
      ['wss', (context, url) => sign(context, url.replace(/^http/, 'ws')), 202],
    ] as [string, (context: Context, url: string) => string, number][]
  ).map(([id, make, status]) => ({
    id: `token-${id}`,
    title: `a request with a token of ${id.replaceAll('-', ' ')} is ${status}`,
    spec: '2.4',
    evidence: status === 401 && !['parent', 'other-path'].includes(id) ? 'OD' : 'E',
    run: async (context: Context) => {
      const token = make(context, restUrl(context.target, context.hub, '/:send'))
      const answer = await context.rest('POST', '/:send', { body: 'x', token })
      same(answer.status, status)
      if (status === 401) same(answer.text, '', 'body')
    },
  })),
  {
    id: 'generate-token',
    title: ':generateToken with a key is 401: it wants Entra',
    spec: '2.4',
    evidence: 'E',
    run: async (context) => same((await ask(context, 'POST /:generateToken')).status, 401),
  },
])

const claims = (aud: string) => ({ aud, iat: now(), exp: now() + 600 })
const sign = ({ target }: Context, aud: string) => signToken(claims(aud), target.key)

function ask(context: Context, request: string, options: RestOptions = {}) {
  const [method = '', path = ''] = request.split(' ')
  return context.rest(method, path, options)
}
