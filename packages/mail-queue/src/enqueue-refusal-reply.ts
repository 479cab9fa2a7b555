/** What a client is told when the queue takes nothing (RFC 3463 §3.4). */
import type { DeliveryReply, EnqueueRefusal } from './ports.ts';

export function enqueueRefusalReply(refusal: EnqueueRefusal): DeliveryReply {
  switch (refusal) {
    case 'full':
      return { code: 452, enhanced: '4.3.1', text: 'No room for more mail at the moment' };
    case 'unavailable':
      return { code: 451, enhanced: '4.3.0', text: 'The queue cannot take mail at the moment' };
  }
}
