import * as z from 'zod/mini'

/**
 * Who is signed in, in the shape of Azure Static Web Apps: in `/.auth/me` and, without `claims` and as base64 of the
 * UTF-8 JSON, in the header `x-ms-client-principal` towards the API.
 */
export const ClientPrincipal = z.object({
  identityProvider: z.string(),
  userId: z.string(),
  userDetails: z.string(),
  userRoles: z.array(z.string()),
  claims: z.optional(z.array(z.object({ typ: z.string(), val: z.string() }))),
})
export type ClientPrincipal = z.infer<typeof ClientPrincipal>

/** `GET /.auth/me`: always 200. */
export const AuthMe = z.object({ clientPrincipal: z.nullable(ClientPrincipal) })
export type AuthMe = z.infer<typeof AuthMe>
