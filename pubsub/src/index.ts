export type { Limits } from './limits.ts'
export type { Counters } from './counters.ts'
export type { Connection, HubSettings, LogEntry } from './model.ts'
export * from './ports.ts'
export type { PermissionName } from './roles.ts'
export type {
  AccessOptions,
  ClientAccess,
  CloseManyOptions,
  CloseOptions,
  HubService,
  PermissionOptions,
} from './service.ts'
export type { ServiceError } from './service-error.ts'
export type { GroupService } from './service-group.ts'
export type { GroupMember, ListOptions, MemberListing } from './service-list.ts'
export type { FanOutOptions, FilterOptions, SendOptions } from './service-message.ts'
export type { ClientProtocol } from './tokens.ts'
export {
  createWebPubSub,
  type EmbeddedWebPubSub,
  type HubOptions,
  type Keys,
  type WebPubSubOptions,
} from './web-pubsub.ts'
