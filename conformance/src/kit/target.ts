/** The endpoint that is asked. */
export interface Target {
  /** Without a path: `https://contoso.webpubsub.azure.com` or `http://localhost:8080`. */
  endpoint: URL
  key: string
  connectionString: string
  /** Only where the suite started the service itself. */
  secondaryKey: string | undefined
  /** Started by the suite: it could give hubs settings, and may end it. */
  isOwn: boolean
}

/** Reads `Endpoint=…;AccessKey=…;Port=…` as Microsoft's SDK does; undefined when one of the first two is missing. */
export function readConnectionString(text: string): Pick<Target, 'endpoint' | 'key' | 'connectionString'> | undefined {
  const pairs = text.split(';').map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()] as const
  })
  const values = new Map(pairs)
  const address = values.get('endpoint')
  const key = values.get('accesskey')
  const endpoint = address && URL.parse(/^http/i.test(address) ? address : `https://${address}`)
  if (!endpoint || !key) return undefined
  const port = values.get('port')
  if (port) endpoint.port = port
  return { endpoint, key, connectionString: text }
}
