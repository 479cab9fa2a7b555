/** The mail store, and the mailboxes in it as sessions and other workers of the site see them. */
import type { MailStore } from '@homeward/mailstore';
import { liveView } from '@homeward/service';
import type { Login } from '../login/login.ts';
import { openInTime } from '../mail/open-in-time.ts';
import { openMailboxFor } from '../mail/open-mailbox.ts';
import { openStore } from '../mail/open-store.ts';
import { SessionMailboxes } from '../mail/session-mailboxes.ts';
import { WorkerPeers } from '../peers/worker-peers.ts';
import type { BackEndSettings } from '../settings.ts';
import { SentCopies } from '../submission/sent-copies.ts';
import { SentSink } from '../submission/sent-sink.ts';
import type { DirectoryParts } from './directory-wiring.ts';
import type { WorkerParts } from './process-parts.ts';

/** Opens it; the stack closes it. */
export async function openMailStore(
  settings: () => BackEndSettings,
  { config, clock, log, metrics }: WorkerParts,
  stack: AsyncDisposableStack,
): Promise<MailStore> {
  const limits = liveView(() => settings().limits);
  const store = await openStore({ volumeFolder: config.volumeFolder, limits }, clock, log);
  stack.defer(() => store.close());
  const mailboxes = metrics.gauge('homeward_backend_open_mailboxes');
  mailboxes.read({}, () => store.openMailboxCount);
  return store;
}

/** Mailboxes as others of a worker need them. */
export interface MailboxParts {
  readonly openMailbox: (
    login: Pick<Login, 'accountId' | 'epoch' | 'quota'>,
  ) => ReturnType<typeof openMailboxFor>;
  /** The same for logins, which nobody waits for without end. */
  readonly openForLogin: MailboxParts['openMailbox'];
  readonly sessionMailboxes: SessionMailboxes;
  readonly sentCopies: SentCopies;
  /** Mailboxes of this site's other workers; they do not reach ours before `listen`. */
  readonly peers: WorkerPeers | undefined;
  readonly onAppended: (byteCount: number) => void;
}

/** What they are made of beside what the worker has. */
export interface MailboxNeeds {
  readonly store: MailStore;
  readonly directory: DirectoryParts;
  readonly settings: () => BackEndSettings;
}

export function createMailboxes(
  { store, directory: { site, driver, view, watch, directory }, settings }: MailboxNeeds,
  { config, workerIndex, wheel, clock, log, metrics }: WorkerParts,
): MailboxParts {
  const { volumeFolder } = config;
  const openMailbox: MailboxParts['openMailbox'] = (login) =>
    openMailboxFor(login, { store, directory, site });
  const openForLogin = openInTime(openMailbox, {
    clock,
    onFault: (error) => log.log('session.failed', { error }),
  });
  const appended = metrics.counter('homeward_backend_appended_octets_total');
  const onAppended = (byteCount: number): void => appended.add({}, byteCount);
  const elapsedMs = (): number => clock.elapsedMs();
  const peers =
    config.workers.length === 1
      ? undefined
      : new WorkerPeers({
          volumeFolder,
          workerIndex,
          wheel,
          clock,
          openHere: ({ owner, grantee }) => sessionMailboxes.openForPeer(owner, grantee),
          onFault: (error) => log.log('peer.failed', { error }),
        });
  const sentCopies = new SentCopies(elapsedMs);
  const sessionMailboxes = new SessionMailboxes({
    site,
    workerIndex,
    volumeFolder,
    openAtPeer: peers && ((index, request) => peers.open(index, request)),
    driver,
    view,
    findOwnSite: () => watch.ownSite,
    openMailbox,
    elapsedMs,
    onAppended,
    watchAppend: (sink, mailbox, path) =>
      settings().submission.saveSentCopy || sentCopies.hasHad(mailbox.accountId)
        ? new SentSink(sink, mailbox, path, sentCopies)
        : sink,
    onFault: (error) => log.log('share-index.failed', { error }),
  });
  return { openMailbox, openForLogin, sessionMailboxes, sentCopies, peers, onAppended };
}
