/** Backslashes and control characters: browsers read some of them as slashes, and leave others out. */
const treacherous = /[\\\u0000-\u001f\u007f]/

/**
 * `uri` (a path, or a whole address of `origin`, as Static Web Apps takes both) as a path on this very site, normalised
 * and safe for a `Location` header; otherwise `fallback`. What begins with two slashes is another site, also where it
 * does so only once its dots are resolved.
 */
export function redirectTarget(
  uri: string | null | undefined,
  { origin, fallback }: { origin: string; fallback: string },
): string {
  if (!uri || treacherous.test(uri)) return fallback
  const url = uri.startsWith('/') ? URL.parse(uri, origin) : URL.parse(uri)
  if (url === null || url.origin !== origin || url.pathname.startsWith('//')) return fallback
  return url.pathname + url.search + url.hash
}
