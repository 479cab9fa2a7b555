/** Which recipients of a message go together: those of one destination, so many at once. */
import { destinationKey } from '../destination.ts';
import type { DeliveryOutcome, Destination, Route, Router } from '../ports.ts';
import type { QueuedRecipient } from '../storage/queued-message.ts';

/** RFC 5321 §4.5.3.1.8: other servers need not take more. Own ones do. */
const GROUP_LENGTH: Readonly<Record<Destination['kind'], number>> = {
  worker: 1_000,
  elsewhere: 100,
};
/** Questions to the router at once. */
const ROUTING_COUNT = 50;

export interface RecipientGroup {
  readonly key: string;
  readonly destination: Destination;
  readonly recipients: readonly QueuedRecipient[];
}

export interface GroupedRecipients {
  readonly groups: readonly RecipientGroup[];
  /** Those who cannot be tried, with why. */
  readonly unrouted: ReadonlyMap<QueuedRecipient, DeliveryOutcome>;
}

export async function groupRecipients(
  recipients: readonly QueuedRecipient[],
  router: Router,
): Promise<GroupedRecipients> {
  const unrouted = new Map<QueuedRecipient, DeliveryOutcome>();
  const byKey = new Map<string, { destination: Destination; recipients: QueuedRecipient[] }>();
  for (let from = 0; from < recipients.length; from += ROUTING_COUNT) {
    const some = recipients.slice(from, from + ROUTING_COUNT);
    const routes = await Promise.all(some.map(({ address }) => router.route(address)));
    for (const [at, recipient] of some.entries()) {
      const route = routes[at];
      if (route?.kind === 'to') {
        const key = destinationKey(route.destination);
        const group = byKey.get(key) ?? { destination: route.destination, recipients: [] };
        byKey.set(key, group);
        group.recipients.push(recipient);
      } else if (route !== undefined) unrouted.set(recipient, toOutcome(route));
    }
  }
  return { groups: [...byKey].flatMap(([key, group]) => split(key, group)), unrouted };
}

function split(
  key: string,
  { destination, recipients }: Omit<RecipientGroup, 'key'>,
): RecipientGroup[] {
  const length = GROUP_LENGTH[destination.kind];
  const count = Math.ceil(recipients.length / length);
  return Array.from({ length: count }, (_, at) => ({
    key,
    destination,
    recipients: recipients.slice(at * length, (at + 1) * length),
  }));
}

function toOutcome(route: Exclude<Route, { kind: 'to' }>): DeliveryOutcome {
  const { kind, code, enhanced, text } = route;
  return { kind, code, enhanced, text, remote: '' };
}
