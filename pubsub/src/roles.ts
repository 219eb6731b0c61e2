import { wireLimits } from './limits.ts'
import { isGroupName } from './names.ts'
import { matchesRolePattern, parseRolePattern, type RolePattern } from './role-pattern.ts'

export type PermissionName = 'joinLeaveGroup' | 'sendToGroup'

interface Rules {
  /** The role without a group: every group. */
  all: boolean
  /** By group name: true allows, false denies. It overrides everything else. */
  literals: Map<string, boolean>
  patterns: RolePattern[]
  /** Connections with the same roles have the same rules, until one of them is granted or loses something. */
  isShared: boolean
}

/** What one connection may do to groups. It belongs to the connection and changes with grant and revoke. */
export type Permissions = Record<PermissionName, Rules>

/** Rules by role list: most connections of an app have one of a few. Only short lists are worth looking up. */
const sharedRules = new Map<string, Permissions>()
const sharedMax = 1_000
const sharedRolesMax = 8

const prefix = 'webpubsub.'
const singular: Record<string, PermissionName> = { joinLeaveGroup: 'joinLeaveGroup', sendToGroup: 'sendToGroup' }
const plural: Record<string, PermissionName> = { joinLeaveGroups: 'joinLeaveGroup', sendToGroups: 'sendToGroup' }

/**
 * The permissions that role strings give (spec 2.5). A role that is unknown, malformed, or beyond the limits (1000
 * literal groups and 10 patterns per permission) gives nothing.
 */
export function permissionsOf(roles: readonly string[]): Permissions {
  if (roles.length > sharedRolesMax) return readRoles(roles, false)
  const key = JSON.stringify(roles)
  const known = sharedRules.get(key) ?? readRoles(roles, true)
  if (sharedRules.size >= sharedMax) sharedRules.clear()
  sharedRules.set(key, known)
  return { ...known }
}

function readRoles(roles: readonly string[], isShared: boolean): Permissions {
  const permissions: Permissions = { joinLeaveGroup: noRules(isShared), sendToGroup: noRules(isShared) }
  for (const role of roles) addRole(permissions, role)
  return permissions
}

const noRules = (isShared: boolean): Rules => ({ all: false, literals: new Map(), patterns: [], isShared })

/** The rules of this connection alone, to be changed. */
function ownRules(permissions: Permissions, name: PermissionName): Rules {
  const rules = permissions[name]
  if (!rules.isShared) return rules
  const own = { ...rules, literals: new Map(rules.literals), isShared: false }
  permissions[name] = own
  return own
}

function addRole(permissions: Permissions, role: string): void {
  if (!role.startsWith(prefix)) return
  const rest = role.slice(prefix.length)
  const dot = rest.indexOf('.')
  const name = dot < 0 ? rest : rest.slice(0, dot)
  const target = dot < 0 ? undefined : rest.slice(dot + 1)
  if (Object.hasOwn(singular, name)) addSingular(permissions[singular[name] ?? 'sendToGroup'], target)
  else if (Object.hasOwn(plural, name)) addPattern(permissions[plural[name] ?? 'sendToGroup'], target)
}

function addSingular(rules: Rules, group: string | undefined): void {
  if (group === undefined) rules.all = true
  else if (isGroupName(group) && rules.literals.size < wireLimits.literalsMax) rules.literals.set(group, true)
}

function addPattern(rules: Rules, text: string | undefined): void {
  const pattern = text === undefined ? undefined : parseRolePattern(text)
  if (pattern && rules.patterns.length < wireLimits.patternsMax) rules.patterns.push(pattern)
}

export function isAllowed(permissions: Permissions, name: PermissionName, group: string): boolean {
  const rules = permissions[name]
  return rules.literals.get(group) ?? isAllowedByRole(rules, group)
}

const isAllowedByRole = (rules: Rules, group: string) =>
  rules.all || rules.patterns.some((pattern) => matchesRolePattern(pattern, group))

/** Allows one group at run time; `full` when that would be the 1001st literal (REST answers 409). */
export function grant(permissions: Permissions, name: PermissionName, group: string): 'granted' | 'full' {
  if (permissions[name].literals.get(group) === false) ownRules(permissions, name).literals.delete(group)
  if (isAllowed(permissions, name, group)) return 'granted'
  if (permissions[name].literals.size >= wireLimits.literalsMax) return 'full'
  ownRules(permissions, name).literals.set(group, true)
  return 'granted'
}

/** Forbids one group at run time, also one that a wider role allows. Membership stays. Never fails: it only takes. */
export function revoke(permissions: Permissions, name: PermissionName, group: string): void {
  const rules = ownRules(permissions, name)
  rules.literals.delete(group)
  if (isAllowedByRole(rules, group)) rules.literals.set(group, false)
}
