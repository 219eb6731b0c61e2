import { encodeFields, type Field } from './protobuf-wire.ts'

/** Valid frames of each subprotocol, from which all others are made. */

const jsonFrames: object[] = [
  { type: 'joinGroup', group: 'g1', ackId: 1 },
  { type: 'joinGroup', group: 'g2' },
  { type: 'leaveGroup', group: 'g1', ackId: 2 },
  {
    type: 'sendToGroup',
    group: 'g1',
    ackId: 3,
    noEcho: true,
    dataType: 'json',
    data: { text: 'hi', deep: [1, { a: null }] },
  },
  { type: 'sendToGroup', group: 'g1', dataType: 'text', data: 'hi', ttlSeconds: 60, metadata: { trace: '42' } },
  { type: 'sendToGroup', group: 'g2', ackId: 4, noEcho: false, dataType: 'binary', data: 'AQID' },
  { type: 'sendToGroup', group: 'g1', dataType: 'protobuf', data: 'CgNhYmM=' },
  { type: 'sendToGroup', group: 'g1', metadata: { only: 'this' } },
  { type: 'sendToGroup', group: 'g1', noEcho: false, stream: { streamId: 's1', idleTimeoutMs: 60_000 } },
  { type: 'event', event: 'echo', ackId: 5, dataType: 'json', data: { q: 1 } },
  { type: 'event', event: 'echo', dataType: 'text', data: 'text' },
  { type: 'event', event: 'state', ackId: 18_446_744_073_709, dataType: 'binary', data: '' },
  { type: 'event', event: 'copy', ackId: 10, data: { list: [{ a: [true, null, 1.5e3] }], text: '\u2028' } },
  { type: 'event', event: 'slow', ackId: 9, dataType: 'text', data: 'takes a while' },
  { type: 'ping' },
  { type: 'sequenceAck', sequenceId: 17 },
  { type: 'invoke', invocationId: '1', target: 'event', event: 'echo', dataType: 'text', data: 'key' },
  { type: 'invoke', invocationId: '2', target: 'event', event: 'echo' },
  { type: 'cancelInvocation', invocationId: '1' },
  { type: 'streamData', streamId: 's1', streamSequenceId: 1, dataType: 'text', data: 'Hel' },
  { type: 'streamData', streamId: 's1', streamSequenceId: 2, dataType: 'json', data: { j: 1 } },
  { type: 'streamData', streamId: 's1' },
  { type: 'streamEnd', streamId: 's1' },
  { type: 'streamEnd', streamId: 's1', error: { message: 'gave up', userErrorCode: 'APP_42' } },
  { type: 'setGroupState', group: 'g1', ackId: 6, state: { k: 'v' } },
  { type: 'subscribeGroupState', group: 'g1', ackId: 7 },
  { type: 'unsubscribeGroupState', group: 'g1', ackId: 8 },
]

const text: Field[] = [[1, 'hello']]
const binary: Field[] = [[2, Buffer.from([0, 1, 255])]]
const any: Field[] = [
  [
    3,
    [
      [1, 'type.example/a'],
      [2, Buffer.from([8, 1])],
    ],
  ],
]
const json: Field[] = [[4, '{"a":[1,2,{"b":null}]}']]
const metadata: Field = [
  6,
  [
    [1, 'trace'],
    [2, '42'],
  ],
]

const protobufFrames: Field[][] = [
  [
    [
      6,
      [
        [1, 'g1'],
        [2, 1],
      ],
    ],
  ],
  [[6, [[1, 'g2']]]],
  [
    [
      7,
      [
        [1, 'g1'],
        [2, 2],
      ],
    ],
  ],
  [
    [
      1,
      [
        [1, 'g1'],
        [2, 3],
        [3, text],
        [4, 1],
      ],
    ],
  ],
  [[1, [[1, 'g1'], [3, binary], [5, 60], metadata]]],
  [
    [
      1,
      [
        [1, 'g2'],
        [2, 4n],
        [3, any],
      ],
    ],
  ],
  [
    [
      1,
      [
        [1, 'g1'],
        [3, json],
      ],
    ],
  ],
  [
    [
      1,
      [
        [1, 'g1'],
        [
          7,
          [
            [1, 's1'],
            [2, 60_000],
          ],
        ],
      ],
    ],
  ],
  [
    [
      5,
      [
        [1, 'echo'],
        [2, json],
        [3, 5],
      ],
    ],
  ],
  [
    [
      5,
      [
        [1, 'echo'],
        [2, any],
        [
          4,
          [
            [1, 'a'],
            [2, 'b'],
          ],
        ],
      ],
    ],
  ],
  [
    [
      5,
      [
        [1, 'state'],
        [2, binary],
        [3, 18_446_744_073_709_551_615n],
      ],
    ],
  ],
  [[8, [[1, 17]]]],
  [[9, []]],
  [
    [
      13,
      [
        [1, 's1'],
        [2, 1],
        [3, text],
      ],
    ],
  ],
  [[13, [[1, 's1']]]],
  [[14, [[1, 's1']]]],
  [
    [
      14,
      [
        [1, 's1'],
        [
          2,
          [
            [1, 'gave up'],
            [2, 'APP_42'],
          ],
        ],
      ],
    ],
  ],
]

export const corpus = {
  json: jsonFrames.map((frame) => Buffer.from(JSON.stringify(frame))),
  protobuf: protobufFrames.map(encodeFields),
  simple: ['hello', '', '{"type":"ping"}', 'x'.repeat(200), '日本語 🙂'].map((payload) => Buffer.from(payload)),
} as const

/** Filters of the REST data plane (spec 9.5). */
export const filters = [
  'userId eq null',
  "userId ne 'user1'",
  "userId in ('a','b','it''s')",
  "'g1' in groups and not('g2' in groups)",
  "length(groups) gt 1 or startswith(connectionId, 'a')",
  "substring(tolower(userId), 1, 2) eq 'er' and length(userId) ge 3",
  "(((indexof(connectionId, 'a') lt 3)))",
  "contains(concat(userId, 'x'), trim(' x ')) or endswith(toupper('a'), 'A') eq true",
]
