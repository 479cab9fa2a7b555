/**
 * The other workers of a site: opens mailboxes that they own, and lets them open those that are
 * owned here. A site with one worker has none.
 */
import type { Outcome } from '@homeward/imap/session';
import {
  type DeadlineWheel,
  dialLocal,
  type LocalListener,
  openLocalListener,
} from '@homeward/net';
import type { Clock } from '@homeward/service';
import type { OtherMailbox } from '../mail/shared/other-mailboxes.ts';
import type { OpenRequest } from './mailbox-messages.ts';
import { serveMailbox } from './mailbox-server.ts';
import { PeerClient } from './peer-client.ts';
import { ensurePrivateFolder, peerSocketFolder, peerSocketPath } from './peer-sockets.ts';
import { openRemoteMailbox } from './remote-mailbox.ts';

/** A worker that is there answers in microseconds. */
const DIAL_BUDGET_MS = 1_000;
const UNAVAILABLE = { ok: false, reason: 'unavailable' } as const;

export interface WorkerPeersParts {
  readonly volumeFolder: string;
  readonly workerIndex: number;
  readonly wheel: DeadlineWheel;
  readonly clock: Pick<Clock, 'after'>;
  /** Opens a mailbox of this worker for an account of another. */
  readonly openHere: (request: OpenRequest) => Promise<Outcome<OtherMailbox>>;
  readonly onFault: (error: unknown) => void;
}

/** Close it before the mail store. */
export class WorkerPeers {
  readonly #parts: WorkerPeersParts;
  readonly #folder: string;
  readonly #serving = new Set<Promise<void>>();
  #listener: LocalListener | undefined;

  constructor(parts: WorkerPeersParts) {
    this.#parts = parts;
    this.#folder = peerSocketFolder(parts.volumeFolder);
  }

  /** Begins to serve the others. @throws If that cannot be. */
  async listen(): Promise<void> {
    const { workerIndex, wheel } = this.#parts;
    await ensurePrivateFolder(this.#folder);
    const path = peerSocketPath(this.#folder, workerIndex);
    const opened = await openLocalListener(
      { path, onConnection: (stream) => this.#serve(stream) },
      wheel,
    );
    if (!opened.ok) throw new Error(`cannot listen on ${path}: ${opened.detail}`);
    this.#listener = opened.listener;
  }

  /** @param workerIndex Who owns the mailbox. */
  async open(workerIndex: number, request: OpenRequest): Promise<Outcome<OtherMailbox>> {
    const { wheel, clock } = this.#parts;
    const stream = await dialLocal(
      peerSocketPath(this.#folder, workerIndex),
      DIAL_BUDGET_MS,
      wheel,
    );
    if (stream === undefined) return UNAVAILABLE;
    const peer = new PeerClient({ stream, clock, destroy: () => stream.destroy('closed') });
    const opened = await openRemoteMailbox(peer, request);
    if (opened.ok) {
      return { ok: true, value: { mailbox: opened.value, close: () => peer.close() } };
    }
    peer.close();
    return opened;
  }

  /** Cuts the others off and gives back what they held. */
  async close(): Promise<void> {
    await this.#listener?.close();
    await Promise.all(this.#serving);
  }

  #serve(stream: Parameters<typeof serveMailbox>[0] & { end(): Promise<void> }): void {
    const { openHere, onFault } = this.#parts;
    const serving = serveMailbox(stream, { open: openHere, onFault }).then(() => stream.end());
    this.#serving.add(serving);
    void serving.then(() => this.#serving.delete(serving));
  }
}
