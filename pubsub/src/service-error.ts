/** A refusal as the REST API would give it; the shape of the official client's `RestError`. */
export interface ServiceError extends Error {
  statusCode: number
  code: string
}

/** Refusals reject here, unlike elsewhere, because callers are written for the official client, which rejects. */
export const serviceError = (statusCode: number, code: string, message: string): ServiceError =>
  Object.assign(new Error(message), { name: 'RestError', statusCode, code })

export const badRequest = (message: string) => serviceError(400, 'Error.BadRequest', message)

/** `severity` is part of the code, and differs from operation to operation (spec 9.4). */
export const noConnection = (connectionId: string, severity: 'Error' | 'Info') =>
  serviceError(404, `${severity}.Connection.NotExisted`, `Connection \`${connectionId}\` is not found.`)

export const noUser = (userId: string) =>
  serviceError(404, 'Warning.User.NotExisted', `User \`${userId}\` is not found.`)
