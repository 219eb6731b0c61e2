/**
 * Where the time goes in rows that may miss an aim: `perf`, `strace` and `bun --cpu-prof` on the server under the load of
 * the row, and beside it servers on `Bun.listen` that do nothing but pass ready-made frames on.
 */
const writing =
  "85 % is the kernel's: one TCP write for each member and turn, as in the bare loop. The rest is Bun's call for each of them, and our reading, checking and framing"
const reading =
  'An empty `Bun.listen` server takes 1.6 times the CPU of the bare loop here: a call into JavaScript for each read, one out for each write. Ours on top, for each send: JSON read and checked, group and permission looked up, frame written (about 4 µs)'
const costs: Record<string, string> = {
  'big-1': writing,
  'big-16': writing,
  'big-128': writing,
  reliable:
    'For each member a number, and an entry of what is not confirmed yet; those who count alike share the frame itself',
  groups: reading,
  pairs: reading,
  connects:
    'A token (base64, JSON, HMAC-SHA256), an id, hub and user, and the `connected` frame; the bare loop, Nchan and Mosquitto check nothing',
  rest: 'A request and a response as objects, a new token to check for each request, routing, the send, and the way through the door to the HTTP server; Nchan checks no credentials',
  idle: 'Bun.listen alone takes 0.8 KB; the rest is the connection, its permissions and its places in hub, user and groups',
}

export const costOf = (row: string): string => costs[row] ?? ''
