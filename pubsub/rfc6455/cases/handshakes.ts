import { type HandshakeCase, withHeaders, withLines } from './handshake-case.ts'

const versionHeaders = { 'sec-websocket-version': '13' }

/** RFC 6455 4.2.1 (6), 4.4. */
const versions: HandshakeCase[] = [
  { name: 'takes version 13', request: withHeaders({}), status: 101 },
  { name: 'takes version 13 among spaces', request: withHeaders({ 'Sec-WebSocket-Version': '  13 \t' }), status: 101 },
  ...[
    '0',
    '7',
    '8',
    '12',
    '14',
    '130',
    '013',
    '13.0',
    '-13',
    'thirteen',
    '13, 8',
    '8, 13',
    '255',
    '99999999999999999999',
  ].map((version) => ({
    name: `refuses version ${version} and names the one it knows`,
    request: withHeaders({ 'Sec-WebSocket-Version': version }),
    status: 426,
    headers: versionHeaders,
  })),
  {
    name: 'refuses a request without version',
    request: withHeaders({ 'Sec-WebSocket-Version': '' }),
    status: 426,
    headers: versionHeaders,
  },
  {
    name: 'refuses two different versions',
    request: withLines(['Sec-WebSocket-Version: 8']),
    status: 426,
    headers: versionHeaders,
  },
  {
    name: 'refuses the version twice',
    request: withLines(['Sec-WebSocket-Version: 13']),
    status: 426,
    headers: versionHeaders,
  },
]

const key = (value: string) => withHeaders({ 'Sec-WebSocket-Key': value })
const oneKey = 'dGhlIHNhbXBsZSBub25jZQ=='
const looseBits = 'dGhlIHNhbXBsZSBub25jZR=='

/** RFC 6455 4.2.1 (5), 11.3.1. */
const keys: HandshakeCase[] = [
  {
    name: 'takes a key of zeroes',
    request: key('AAAAAAAAAAAAAAAAAAAAAA=='),
    key: 'AAAAAAAAAAAAAAAAAAAAAA==',
    status: 101,
  },
  {
    name: 'takes a key with + and /',
    request: key('+/+/+/+/+/+/+/+/+/+/+w=='),
    key: '+/+/+/+/+/+/+/+/+/+/+w==',
    status: 101,
  },
  { name: 'takes a key among spaces', request: key(` \t${oneKey} `), status: 101 },
  { name: 'refuses a request without key', request: key(''), status: 400 },
  { name: 'refuses a key of 15 bytes', request: key('dGhlIHNhbXBsZSBub25j'), status: 400 },
  { name: 'refuses a key of 17 bytes', request: key('dGhlIHNhbXBsZSBub25jZS4='), status: 400 },
  { name: 'refuses a key of 18 bytes', request: key('dGhlIHNhbXBsZSBub25jZS4u'), status: 400 },
  { name: 'refuses a key without padding', request: key('dGhlIHNhbXBsZSBub25jZQ'), status: 400 },
  { name: 'refuses a key with half its padding', request: key('dGhlIHNhbXBsZSBub25jZQ='), status: 400 },
  { name: 'refuses a key with too much padding', request: key('dGhlIHNhbXBsZSBub25jZQ==='), status: 400 },
  { name: 'refuses a key of other characters', request: key('!!!!!!!!!!!!!!!!!!!!!!=='), status: 400 },
  { name: 'refuses a key in the alphabet of URLs', request: key('-_-_-_-_-_-_-_-_-_-_-w=='), status: 400 },
  { name: 'refuses one letter as a key', request: key('x'), status: 400 },
  { name: 'refuses two keys in one line', request: key(`${oneKey}, ${oneKey}`), status: 400 },
  { name: 'refuses the key twice', request: withLines([`Sec-WebSocket-Key: ${oneKey}`]), status: 400 },
  {
    name: 'takes a key whose last letter has bits to spare',
    request: key(looseBits),
    key: looseBits,
    status: 101,
    knownDifference:
      'RFC 6455 4.2.1 wants base64 of 16 bytes; RFC 4648 3.5 lets a decoder take bits that are not zero behind them. The accept value is made from the text as it came, so nobody is deceived.',
  },
]

const connection = (value: string) => withHeaders({ Connection: value })
const upgrade = (value: string) => withHeaders({ Upgrade: value })

/** RFC 6455 4.2.1 (3, 4). */
const upgrades: HandshakeCase[] = [
  ...[
    'upgrade',
    'UPGRADE',
    'keep-alive, Upgrade',
    'Upgrade, keep-alive',
    'keep-alive,upgrade',
    ' keep-alive , Upgrade ',
    'close, Upgrade',
    ',Upgrade,',
  ].map((value) => ({ name: `takes Connection: ${value}`, request: connection(value), status: 101 })),
  {
    name: 'takes two lines of Connection',
    request: withLines(['Connection: Upgrade'], { Connection: 'keep-alive' }),
    status: 101,
  },
  ...['keep-alive', 'close', 'Upgraded', 'Up grade', 'Upgrade;q=1', 'x-Upgrade'].map((value) => ({
    name: `refuses Connection: ${value}`,
    request: connection(value),
    status: 400,
  })),
  { name: 'refuses a request without Connection', request: connection(''), status: 400 },
  ...['WebSocket', 'WEBSOCKET', 'websocket, h2c', 'h2c,websocket', ' websocket '].map((value) => ({
    name: `takes Upgrade: ${value}`,
    request: upgrade(value),
    status: 101,
  })),
  { name: 'takes two lines of Upgrade', request: withLines(['Upgrade: websocket'], { Upgrade: 'h2c' }), status: 101 },
  ...['h2c', 'websockets', 'web socket', 'socket', 'websocket-13', 'TLS/1.0, HTTP/1.1'].map((value) => ({
    name: `refuses Upgrade: ${value}`,
    request: upgrade(value),
    status: 400,
  })),
  { name: 'refuses a request without Upgrade', request: upgrade(''), status: 400 },
]

const azureJson = 'json.webpubsub.azure.v1'
const offer = (value: string) => withHeaders({ 'Sec-WebSocket-Protocol': value })

/** RFC 6455 4.2.2, 11.3.4; spec 3.2. */
const subprotocols: HandshakeCase[] = [
  { name: 'names the subprotocol offered', request: offer(azureJson), status: 101, protocol: azureJson },
  {
    name: 'names it in the spelling of the client',
    request: offer('JSON.WebPubSub.Azure.V1'),
    status: 101,
    protocol: 'JSON.WebPubSub.Azure.V1',
  },
  { name: 'finds it behind others', request: offer(`a, b,${azureJson}`), status: 101, protocol: azureJson },
  { name: 'finds it before others', request: offer(`${azureJson},a`), status: 101, protocol: azureJson },
  {
    name: 'finds it in a second line',
    request: withLines([`Sec-WebSocket-Protocol: ${azureJson}`], { 'Sec-WebSocket-Protocol': 'a' }),
    status: 101,
    protocol: azureJson,
  },
  { name: 'finds it among empty items', request: offer(`,, ${azureJson} ,`), status: 101, protocol: azureJson },
  {
    name: 'names it once where it is offered twice',
    request: offer(`${azureJson}, ${azureJson}`),
    status: 101,
    protocol: azureJson,
  },
  { name: 'names none where none is offered', request: withHeaders({}), status: 101 },
  { name: 'names none where it knows none', request: offer('chat, superchat'), status: 101 },
  { name: 'names none that begins like one it knows', request: offer(`${azureJson}.1`), status: 101 },
  {
    name: 'names none of an offer of a hundred',
    request: offer(Array.from({ length: 100 }, (_, at) => `p${at}`).join(', ')),
    status: 101,
  },
]

/** RFC 6455 4.2.1 (7 to 10), 9.1. */
const others: HandshakeCase[] = [
  ...[
    'permessage-deflate',
    'permessage-deflate; client_max_window_bits',
    'x-webkit-deflate-frame',
    'permessage-deflate; server_max_window_bits=8, permessage-deflate',
    'a;;=b,,,',
  ].map((extensions) => ({
    name: `takes no extension of ${extensions}`,
    request: withHeaders({ 'Sec-WebSocket-Extensions': extensions }),
    status: 101,
  })),
  { name: 'takes any origin', request: withHeaders({ Origin: 'https://elsewhere.example' }), status: 101 },
  { name: 'takes origin null', request: withHeaders({ Origin: 'null' }), status: 101 },
  {
    name: 'takes headers that it does not know',
    request: withLines(['X-Unknown: 1', 'Cookie: a=b', 'Pragma: no-cache']),
    status: 101,
  },
]

export const handshakes = {
  'version (RFC 6455 4.2.1, 4.4)': versions,
  'key (4.2.1)': keys,
  'Connection and Upgrade (4.2.1)': upgrades,
  'subprotocol (4.2.2)': subprotocols,
  'extensions, origin and others (4.2.1, 9.1)': others,
}
