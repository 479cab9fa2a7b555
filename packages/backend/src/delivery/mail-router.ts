/**
 * Where a recipient of queued mail is, asked at each attempt: mailboxes move between sites, and
 * shards between workers. A mailbox at a site of other software is reached as anything elsewhere.
 */
import { type DirectoryView, type MailAddresses, workerFor } from '@homeward/directory';
import type { Router, Route } from '@homeward/mail-queue';
import { DIRECTORY_AWAY, type Refusal } from '@homeward/smtp/session';
import { NO_SINGLE_MAILBOX, NO_WORKER, refusalOfAddress } from './delivery-refusals.ts';

export interface MailRouterParts {
  readonly addresses: Pick<MailAddresses, 'resolveRecipient'>;
  readonly view: Pick<DirectoryView, 'getSite'>;
}

export function createMailRouter({ addresses, view }: MailRouterParts): Router {
  return {
    async route(address) {
      const found = await addresses.resolveRecipient(address);
      switch (found.kind) {
        case 'unavailable':
          return asRoute(DIRECTORY_AWAY);
        case 'unknown':
          return asRoute(refusalOfAddress(found.reason));
        case 'group':
          return asRoute(NO_SINGLE_MAILBOX);
        case 'elsewhere':
          return elsewhere(address);
        case 'mailbox': {
          const { home, id } = found.account;
          const looked = await view.getSite(home);
          if (looked.kind !== 'found') return asRoute(DIRECTORY_AWAY);
          if (looked.site.foreign !== undefined) return elsewhere(address);
          const owner = workerFor(looked.site, id);
          if (owner === undefined) return asRoute(NO_WORKER);
          const { workerIndex } = owner;
          return { kind: 'to', destination: { kind: 'worker', site: home, workerIndex } };
        }
      }
    },
  };
}

function elsewhere(address: string): Route {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return { kind: 'to', destination: { kind: 'elsewhere', domain } };
}

function asRoute(refusal: Refusal): Route {
  return { kind: refusal.code < 500 ? 'deferred' : 'failed', ...refusal };
}
