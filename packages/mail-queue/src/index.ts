/** Mail that is on its way: the contract of the queue with those around it. */
export { destinationKey } from './destination.ts';
export { enqueueRefusalReply } from './enqueue-refusal-reply.ts';
export type * from './ports.ts';
