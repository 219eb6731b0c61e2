/**
 * Whether a request that changes something comes from our own pages, as far as the browser tells: a page of another
 * site cannot leave these headers out or change them. What sends neither is no browser, and has nobody's cookie.
 */
export function isFromOurSite(request: Request, origin: string): boolean {
  const site = request.headers.get('sec-fetch-site')
  const from = request.headers.get('origin')
  return site !== 'cross-site' && (from === null || from === origin)
}
