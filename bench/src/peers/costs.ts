/**
 * Where the time goes in rows that may miss an aim: `perf`, `strace` and `bun --cpu-prof` on the server under the load of
 * the row, and beside it a server that only publishes a ready-made string through Bun's topics ("Bun alone").
 */
const topics =
  "Server CPU for a send: Bun alone 1.15 to 1.25 of the bare loop, which is its topics; our reading, checking and writing 0.1 more. 85 % of it all is the kernel's, one TCP write for each member"
const reading =
  'Bun alone is within a tenth of the bare loop. The rest is ours for each send: JSON read and checked, group and permission looked up, frame written: 10 µs in pairs, where the kernel takes 12 for one read and two writes'
const costs: Record<string, string> = {
  'big-1': topics,
  'big-16': topics,
  'big-128':
    "Bun's topics write at most 32 messages to a member at a time: 128 of them are four writes of 6.5 KB where the bare loop and the relay make one. Bun alone costs 2.5 of the bare loop, our own part 0.3 more. Its WebSockets take no frames that are framed already",
  reliable:
    'Bun cannot publish what differs for each member: for each of them a string with the number is made, kept, and handed over (28 % corking and writing, 16 % in `sendText`, 11 % making the string)',
  groups: reading,
  pairs: reading,
  connects:
    'An HTTP request as objects, a token (base64, JSON, HMAC-SHA256), an id, hub and user, and the `connected` frame; the bare loop, Nchan and Mosquitto check nothing',
  rest: 'A request and a response as objects, a new token to check for each request, routing, and the send; Nchan checks no credentials',
  idle: 'Bun alone takes 1.0 KB; the rest is the connection, its permissions and its places in hub, user and groups',
}

export const costOf = (row: string): string => costs[row] ?? ''
