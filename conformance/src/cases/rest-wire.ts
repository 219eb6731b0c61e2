import type { Context } from '../kit/context.ts'
import { same } from '../kit/expect.ts'
import { expectsHeaders } from '../kit/rest.ts'
import { area } from '../model.ts'

export const restWireCases = area('rest', '9.1', [
  {
    id: 'health',
    title: 'HEAD /api/health is 200 without a token and without api-supported-versions',
    evidence: 'W',
    run: async (context) => {
      const answer = await context.rest('HEAD', '//api/health', { token: '' })
      same(answer.status, 200)
      expectsHeaders(answer, { 'api-supported-versions': null })
    },
  },
  {
    id: 'keep-alive',
    title: 'connections are kept alive between requests',
    spec: '13',
    evidence: 'K',
    edges: ['39'],
    run: async (context) => {
      const answer = await context.rest('POST', '/:send', { body: 'x' })
      same(answer.status, 202)
      same(answer.headers.get('connection')?.toLowerCase() === 'close', false, 'Connection: close')
    },
  },
  {
    id: 'versions',
    title: 'every answer names the supported versions',
    evidence: 'W',
    run: async (context) => {
      const versions = '2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01'
      const answers = await Promise.all([
        context.rest('POST', '/:send', { body: 'x' }),
        context.rest('DELETE', '/connections/nobody'),
        context.rest('HEAD', '/users/nobody'),
        context.rest('PUT', '/groups/lobby/connections/nobody'),
      ])
      for (const answer of answers) expectsHeaders(answer, { 'api-supported-versions': versions })
    },
  },
  {
    id: 'strict-transport',
    title: 'answers carry Strict-Transport-Security',
    evidence: 'W',
    needs: ['https'],
    run: async (context) => {
      const answer = await context.rest('POST', '/:send', { body: 'x' })
      expectsHeaders(answer, { 'strict-transport-security': 'max-age=31536000; includeSubDomains' })
    },
  },
  {
    id: 'lengths',
    title: '202 and 200 say Content-Length: 0; 204 says none',
    evidence: 'W',
    run: async (context) => {
      const client = await context.connect()
      const put = await context.rest('PUT', `/groups/lobby/connections/${client.connectionId}`)
      expectsHeaders(await context.rest('POST', '/:send', { body: 'x' }), { 'content-length': '0' })
      expectsHeaders(put, { 'content-length': '0' })
      expectsHeaders(await context.rest('DELETE', '/connections/nobody'), { 'content-length': null })
    },
  },
  {
    id: 'request-id',
    title: 'x-ms-client-request-id is not echoed',
    evidence: 'W',
    run: async (context) => {
      const answer = await context.rest('POST', '/:send', { body: 'x', headers: { 'x-ms-client-request-id': 'one' } })
      same(answer.status, 202)
      expectsHeaders(answer, { 'x-ms-client-request-id': null })
    },
  },
  {
    id: 'version-unknown',
    title: 'an unknown api-version is refused with 400',
    evidence: 'E',
    run: async (context) =>
      same((await context.rest('POST', '/:send?api-version=1999-01-01', { body: 'x' })).status, 400),
  },
  ...['2021-10-01', '2022-11-01', '2023-07-01', '2024-01-01', '2024-12-01'].map((version) => ({
    id: `version-${version}`,
    title: `api-version ${version} is taken`,
    evidence: 'WD',
    run: async (context: Context) => {
      same((await context.rest('POST', `/:send?api-version=${version}`, { body: 'x' })).status, 202)
    },
  })),
])
