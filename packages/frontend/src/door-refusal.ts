/** Why the door of a protocol turns a connection away before its greeting. */
import { ACCEPT_REFUSALS, type AcceptRefusal } from '@homeward/net';

/** Closed list, for the log and the metric. */
export const DOOR_REFUSALS: readonly DoorRefusal[] = [
  ...ACCEPT_REFUSALS,
  /** The setting `enabled` of the protocol is off; its port stays open. */
  'switched-off',
  /** In maintenance or about to stop: another front end takes the client. */
  'draining',
];

export type DoorRefusal = AcceptRefusal | 'switched-off' | 'draining';
