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
} from './service/service.ts'
export { StartError } from './start/start-error.ts'
export { type RunningWebPubSub, type StartOptions, WebPubSub } from './start/start.ts'
export type { HubStartOptions } from './start/hubs.ts'
export type { ServiceError } from './service/refusals.ts'
export type { GroupService } from './service/group-service.ts'
export type { GroupMember, ListOptions, MemberListing } from './service/member-listing.ts'
export type { FanOutOptions, FilterOptions, SendOptions } from './service/parcel.ts'
export type { ClientProtocol } from './tokens.ts'
export {
  createWebPubSub,
  type EmbeddedWebPubSub,
  type HubOptions,
  type Keys,
  type WebPubSubOptions,
} from './web-pubsub.ts'
export { createWebhookHandler, type WebhookHandler, type WebhookOptions } from './webhook/webhook-handler.ts'
export type { WebhookCall } from './webhook/deliver.ts'
export { WebhookSettings } from './webhook/settings.ts'
