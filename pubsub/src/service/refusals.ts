/** An expected "no" of the data plane, as its REST answer tells it (spec 9.4). */
export interface Refusal {
  status: number
  code: string
  /** For a person, in the service's own words where they are known. */
  message: string
  /** What it is about. */
  target: string
  /** The request itself was not understood: such answers have another shape. */
  isValidation?: true
}

/** What an operation that gives something comes to. Those that give nothing return their refusal, if any. */
export type Outcome<Value> = { refusal: Refusal } | { refusal?: undefined; value: Value }

const badRequestCode = 'Error.BadRequest'

export const badRequest = (message: string, target = 'Request'): Refusal => ({
  status: 400,
  code: badRequestCode,
  message,
  target,
})

/** `target`: the parameter, in the spelling that the real service answers with. */
export const invalid = (target: string, message: string): Refusal => ({
  ...badRequest(message, target),
  isValidation: true,
})

export const invalidValue = (target: string, value: string) => invalid(target, `The value '${value}' is not valid.`)

const groupNameRule = 'Invalid group name. Valid group name should be in between 1 and 1024 characters long.'
export const invalidGroupName = badRequest(groupNameRule)
export const invalidGroups = invalid('Groups', groupNameRule)

type Severity = 'Error' | 'Warning' | 'Info'

/** `severity` is part of the code, and differs from operation to operation. */
export const noConnection = (connectionId: string, severity: Severity): Refusal => ({
  status: 404,
  code: `${severity}.Connection.NotExisted`,
  message: `Connection \`${connectionId}\` is not found.`,
  target: 'Connection',
})

export const noUser = (userId: string): Refusal => ({
  status: 404,
  code: 'Warning.User.NotExisted',
  message: `User \`${userId}\` is not found.`,
  target: 'User',
})

export const noGroup = (group: string): Refusal => ({
  status: 404,
  code: 'Warning.Group.NotExisted',
  message: `Group \`${group}\` is empty.`,
  target: 'Group',
})

/** Only ever the answer to a HEAD, so its words are not known. */
export const noPermission = (permission: string, group: string): Refusal => ({
  status: 404,
  code: 'Info.Permission.NotExisted',
  message: `Permission \`${permission}\` to group \`${group}\` is not granted.`,
  target: 'Permission',
})

/** A bound of the connection is reached. */
export const conflict = (message: string): Refusal => ({
  status: 409,
  code: 'Error.Connection.Conflict',
  message,
  target: 'Connection',
})

/** A refusal as callers of the official client get it: the shape of its `RestError`. */
export interface ServiceError extends Error {
  statusCode: number
  code: string
  target: string
}

/** Refusals reject here, unlike elsewhere, because callers are written for the official client, which rejects. */
export function toServiceError({ status, code, message, target }: Refusal): ServiceError {
  return Object.assign(new Error(message), { name: 'RestError', statusCode: status, code, target })
}

export function settle(refusal: Refusal | undefined): void {
  if (refusal) throw toServiceError(refusal)
}

export function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.refusal) throw toServiceError(outcome.refusal)
  return outcome.value
}
