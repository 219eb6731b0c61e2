const parameter = 'post_login_redirect_uri'

const refusals = new Map([['name', 'Please give a name of 1 to 64 characters.']])

/** What `?error=…` means, in words; an error that we do not know gets a general sentence. */
export function refusalIn(search: string): string | undefined {
  const error = new URLSearchParams(search).get('error')
  if (error === null) return undefined
  return refusals.get(error) ?? 'That did not work. Please try again.'
}

/**
 * Gives a sign-in address the place to come back to, as a whole address of this site. A place that is not of this site is
 * dropped: nobody is led away by a link to our sign-in.
 */
export function carryTarget(address: string, target: string | null, origin: string): string {
  if (!target || !URL.canParse(target, origin)) return address
  const url = new URL(target, origin)
  return url.origin === origin ? `${address}?${parameter}=${encodeURIComponent(url.href)}` : address
}
