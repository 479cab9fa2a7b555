/** A destination as text: what attempts are grouped, limited and shown by. */
import type { Destination } from './ports.ts';

/** `worker:dublin/0`, `elsewhere:example.org`. Site names have neither colon nor slash. */
export function destinationKey(destination: Destination): string {
  return destination.kind === 'worker'
    ? `worker:${destination.site}/${destination.workerIndex}`
    : `elsewhere:${destination.domain.toLowerCase()}`;
}
