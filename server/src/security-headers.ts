/** Nobody needs these of a chat, so no script of ours or of a guest can ask for them. */
const withheld = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'microphone',
  'payment',
  'usb',
]

/** What every answer carries, wherever it is read. */
export const constantHeaders: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'permissions-policy': withheld.map((feature) => `${feature}=()`).join(', '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** A host in a shape that cannot end a directive. */
const plainHost = /^[\w.:[\]-]+$/

/**
 * The security headers of every answer. `origin` is how the browser knows us; `serviceOrigin` is where its WebSocket
 * goes when that is another host. Older Safari does not count `wss:` of the same host as 'self' (azure.md 1.6).
 */
export function securityHeaders(origin: string, serviceOrigin: string | undefined): Record<string, string> {
  const { protocol, host } = new URL(serviceOrigin ?? origin)
  const sockets = plainHost.test(host) ? ` ${protocol === 'https:' ? 'wss' : 'ws'}://${host}` : ''
  return {
    ...constantHeaders,
    'content-security-policy': [
      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:",
      `connect-src 'self'${sockets}`,
      "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    ].join('; '),
    ...(origin.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
  }
}
