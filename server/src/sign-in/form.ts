import { UserName } from '@chatr/protocol'
import { readAtMost } from './read-at-most.ts'
import { redirectTarget } from './redirect-target.ts'

/** A request, its URL, and the origin under which its browser knows us. */
export interface Visit {
  request: Request
  url: URL
  origin: string
}

export interface SignInForm {
  /** `undefined` when the form has no name that will do. */
  name: string | undefined
  /** Where to go afterwards, always a place on this site. */
  target: string
}

/** A name and a path are far below this. */
const maxBytes = 65_536

/** Reads the posted form; what is no form, or too large, counts as one without a name. */
export async function readSignInForm({ request, url, origin }: Visit): Promise<SignInForm> {
  const fields = await readFields(request)
  const uri = fields?.get('post_login_redirect_uri') ?? url.searchParams.get('post_login_redirect_uri')
  const name = UserName.safeParse(fields?.get('name'))
  return { name: name.success ? name.data : undefined, target: redirectTarget(uri, { origin, fallback: '/' }) }
}

const isForm = /^application\/x-www-form-urlencoded\b|^multipart\/form-data\b/i

/** A malformed form is the sender's mistake, not an outage: it has no fields. */
async function readFields(request: Request): Promise<Map<string, string> | undefined> {
  const type = request.headers.get('content-type') ?? ''
  const body = isForm.test(type) ? await readAtMost(request, maxBytes) : undefined
  if (body === undefined) return undefined
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(() => undefined)
  if (form === undefined) return undefined
  return new Map([...form.entries()].filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
