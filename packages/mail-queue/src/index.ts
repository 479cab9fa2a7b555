/** Mail that is on its way to other workers, sites and hosts, until it is there or given back. */
export { destinationKey } from './destination.ts';
export type * from './desk/queue-job.ts';
export { enqueueRefusalReply } from './enqueue-refusal-reply.ts';
export * from './events.ts';
export {
  openSiteQueue,
  type QueueGauges,
  type SiteQueue,
  type SiteQueueOptions,
} from './open-site-queue.ts';
export type * from './ports.ts';
export { DEFAULT_QUEUE_SETTINGS, type QueueSettings } from './queue-settings.ts';
