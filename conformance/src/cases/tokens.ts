import { isRefusal } from '../kit/client.ts'
import type { Context } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { type Claims, now, signToken } from '../kit/token.ts'
import { area } from '../model.ts'

/** What an audience is made of; `H` is the host of the endpoint and `HUB` the hub of the case. */
const audiences: [id: string, audience: string, status: number, evidence: string][] = [
  ['https', 'https://H/client/hubs/HUB', 101, 'L'],
  ['wss', 'wss://H/client/hubs/HUB', 101, 'L'],
  ['http', 'http://H/client/hubs/HUB', 101, 'L'],
  ['ws', 'ws://H/client/hubs/HUB', 101, 'R'],
  ['missing-slash', 'https://Hclient/hubs/HUB', 401, 'L'],
  ['other-hub', 'https://H/client/hubs/otherhub', 401, 'L'],
  ['other-host', 'https://other.example/client/hubs/HUB', 401, 'L'],
  ['rest', 'https://H/api/hubs/HUB', 401, 'R'],
  ['empty', '', 401, 'R'],
]

/** Claims that decide, besides the audience. */
const claims: [id: string, title: string, claims: () => Claims, status: number, evidence: string][] = [
  ['expired', 'an expired token is refused', () => ({ exp: now() - 3_600 }), 401, 'D'],
  ['no-exp', 'a token without exp is refused', () => ({ exp: undefined }), 401, 'E'],
  ['skew', 'a token that expired four minutes ago is accepted', () => ({ exp: now() - 240 }), 101, 'E'],
  ['beyond-skew', 'a token that expired six minutes ago is refused', () => ({ exp: now() - 360 }), 401, 'E'],
  ['nbf', 'a token that is valid in an hour is refused', () => ({ nbf: now() + 3_600 }), 401, 'E'],
  ['nbf-skew', 'a token that is valid in four minutes is accepted', () => ({ nbf: now() + 240 }), 101, 'E'],
  ['no-iat', 'a token without iat is accepted', () => ({ iat: undefined }), 101, 'D'],
  ['no-sub', 'a token without a user is accepted', () => ({}), 101, 'W'],
  ['audience-list', 'an audience may be a list', () => ({}), 101, 'D'],
  ['group-text', 'the group claim may be one text', () => ({ 'webpubsub.group': 'lobby' }), 101, 'D'],
  ['group-empty', 'an empty group name is refused with 400', () => ({ 'webpubsub.group': [''] }), 400, 'E'],
  ['group-long', 'a group of 1025 characters is refused', () => ({ 'webpubsub.group': ['g'.repeat(1_025)] }), 400, 'E'],
  [
    'group-longest',
    'a group of 1024 characters is accepted',
    () => ({ 'webpubsub.group': ['g'.repeat(1_024)] }),
    101,
    'O',
  ],
]

export const tokenCases = area('tokens', '2', [
  ...audiences.map(([id, audience, status, evidence]) => ({
    id: `aud-${id}`,
    title: `an audience of ${audience || 'nothing'} is ${status === 101 ? 'accepted' : `refused with ${status}`}`,
    spec: '2.3',
    evidence,
    edges: status === 401 ? ['35'] : [],
    run: (context: Context) => {
      const aud = audience.replace('H/', `${context.target.endpoint.host}/`).replace('HUB', context.hub)
      return answers(
        context,
        context.token({ aud: aud.replace('Hclient', `${context.target.endpoint.host}client`) }),
        status,
      )
    },
  })),
  ...claims.map(([id, title, make, status, evidence]) => ({
    id,
    title,
    spec: '2.2',
    evidence,
    run: (context: Context) => {
      const aud = id === 'audience-list' ? { aud: [context.audience()] } : {}
      return answers(context, context.token({ ...aud, ...make() }), status)
    },
  })),
  {
    id: 'none',
    title: 'a client without a token is refused with 401',
    spec: '3.1',
    evidence: 'D',
    edges: ['35'],
    run: async (context) => {
      await context.refused(401, { token: null })
    },
  },
  {
    id: '401-is-empty',
    title: 'the 401 of a handshake has no body',
    spec: '15.10',
    evidence: 'E',
    run: async (context) => {
      const { body, headers } = await context.refused(401, { token: 'nonsense' })
      same({ body, length: headers['content-length'] }, { body: '', length: '0' })
    },
  },
  {
    id: 'wrong-key',
    title: 'a token of another key is refused',
    evidence: 'D',
    run: (context) => answers(context, context.token({}, 'another-key-of-nobody-0123456789abcdef'), 401),
  },
  {
    id: 'alg-none',
    title: 'an unsigned token is refused',
    evidence: 'D',
    run: (context) => answers(context, sign(context, { alg: 'none' }), 401),
  },
  {
    id: 'alg-other',
    title: 'a token of another algorithm than HS256 is refused',
    evidence: 'R',
    run: (context) => answers(context, sign(context, { alg: 'HS512' }), 401),
  },
  {
    id: 'kid',
    title: 'a key id does not matter when the signature is right',
    spec: '2.2',
    evidence: 'KW',
    run: (context) => answers(context, sign(context, { kid: 's-0123' }), 101),
  },
  {
    id: 'header',
    title: 'the token may come in the Authorization header',
    spec: '1.1',
    evidence: 'D',
    run: async (context) => {
      const client = await context.connect({
        token: null,
        headers: { authorization: `Bearer ${context.token({ sub: 'al' })}` },
      })
      same(client.connected['userId'], 'al')
    },
  },
  {
    id: 'query-case',
    title: 'names of query parameters are compared without case',
    spec: '1.1',
    evidence: 'E',
    run: async (context) => {
      await context.connect({ token: null, query: `&Access_Token=${context.token()}` })
    },
  },
  {
    id: 'secondary-key',
    title: 'a token of the secondary key is accepted',
    spec: '2.1',
    evidence: 'D',
    needs: ['secondary key'],
    run: (context) => answers(context, context.token({}, context.target.secondaryKey), 101),
  },
  {
    id: 'sdk-token',
    title: 'a token of the service client connects, with its user, roles and groups',
    spec: '2.2',
    evidence: 'K',
    run: async (context) => {
      const { token } = await context.service.getClientAccessToken({
        userId: 'alice',
        roles: ['webpubsub.sendToGroup'],
        groups: ['lobby'],
        expirationTimeInMinutes: 5,
      })
      const client = await context.connect({ token })
      same(client.connected['userId'], 'alice')
      client.send({ type: 'sendToGroup', group: 'lobby', dataType: 'text', data: 'hi' })
      await client.expects(
        '{"type":"message","from":"group","group":"lobby","fromUserId":"alice","dataType":"text","data":"hi"}',
      )
    },
  },
  {
    id: 'sdk-mixed-case-hub',
    title: 'a token of the service client for a hub in mixed case connects',
    spec: '2.2',
    evidence: 'K',
    run: async (context) => {
      const hub = `Mixed${context.hub}`
      await context.connect({ hub, token: context.token({ aud: context.audience(hub) }) })
      await context.connect({ hub, token: context.token({ aud: context.audience(hub.toLowerCase()) }) })
    },
  },
  {
    id: 'expiry-while-connected',
    title: 'a connection outlives its token',
    spec: '2.2',
    evidence: 'D',
    edges: ['11'],
    run: async (context) => {
      // accepted within the skew, though expired long ago: nothing may end it for that
      const client = await context.connect({ token: context.token({ exp: now() - 299 }) })
      await new Promise((resolve) => setTimeout(resolve, 2_500))
      await client.silence()
    },
  },
  {
    id: 'anonymous-denied',
    title: 'anonymous clients are refused by default',
    spec: '2.6',
    evidence: 'DI',
    run: async (context) => {
      await context.refused(401, { token: null, protocols: [] })
    },
  },
  {
    id: 'anonymous-allowed',
    title: 'anonymous clients are let in where the hub says so, without user and roles',
    spec: '2.6',
    evidence: 'D',
    settings: { isAnonymousAllowed: true },
    run: async (context) => {
      const client = await context.connect({ token: null })
      same(client.connected['userId'], null)
      client.send({ type: 'joinGroup', group: 'lobby', ackId: 1 })
      await client.expects({ ackId: 1, success: false, error: { name: 'Forbidden' } })
    },
  },
  {
    id: 'anonymous-invalid',
    title: 'an invalid token is refused where anonymous clients are let in',
    spec: '2.6',
    evidence: 'R',
    settings: { isAnonymousAllowed: true },
    run: (context) => answers(context, 'nonsense', 401),
  },
])

const sign = (context: Context, options: Parameters<typeof signToken>[2]) =>
  signToken({ aud: context.audience(), iat: now(), exp: now() + 600 }, context.target.key, options)

async function answers(context: Context, token: string, status: number): Promise<void> {
  const answer = await context.attempt({ token })
  same(isRefusal(answer) ? answer.status : 101, status)
}
