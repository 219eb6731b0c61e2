import type { Case } from '../model.ts'
import { edgeCases } from './edges.ts'
import { groupStateCases } from './group-state.ts'
import { handshakeCases } from './handshake.ts'
import { invokeCases } from './invoke.ts'
import { jsonAckCases } from './json-acks.ts'
import { jsonErrorCases } from './json-errors.ts'
import { jsonFrameCases } from './json-frames.ts'
import { permissionCases } from './permissions.ts'
import { protobufCases } from './protobuf.ts'
import { reliableCases } from './reliable.ts'
import { sessionEndCases } from './session-end.ts'
import { restErrorCases } from './rest-errors.ts'
import { filterCases, pagingCases } from './rest-sets.ts'
import { restMemberCases } from './rest-members.ts'
import { restSendCases } from './rest-sends.ts'
import { restWireCases } from './rest-wire.ts'
import { sdkCases } from './sdk.ts'
import { simpleModeCases } from './simple-mode.ts'
import { simpleCases } from './simple.ts'
import { streamCases } from './streams.ts'
import { tokenCases } from './tokens.ts'
import { expressConnectCases } from './express-connect.ts'
import { expressEventCases } from './express-events.ts'
import { webhookAnswerCases } from './webhook-answers.ts'
import { webhookRequestCases } from './webhook-requests.ts'

/** Every case, in the order of the reference. */
export const allCases: readonly Case[] = [
  ...tokenCases,
  ...permissionCases,
  ...handshakeCases,
  ...simpleCases,
  ...simpleModeCases,
  ...jsonFrameCases,
  ...jsonAckCases,
  ...jsonErrorCases,
  ...invokeCases,
  ...streamCases,
  ...groupStateCases,
  ...reliableCases,
  ...sessionEndCases,
  ...sdkCases,
  ...protobufCases,
  ...restWireCases,
  ...restSendCases,
  ...restMemberCases,
  ...restErrorCases,
  ...pagingCases,
  ...filterCases,
  ...expressConnectCases,
  ...expressEventCases,
  ...webhookRequestCases,
  ...webhookAnswerCases,
  ...edgeCases,
]
