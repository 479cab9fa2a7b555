/** The sessions of one worker that people opened themselves, without a front end that would end them. */
import type { SessionEndRequest } from '@homeward/directory';
import { createNetworkTest } from '@homeward/net';
import type { SessionEndReason } from '@homeward/sasl';
import type { Login } from '../login/login.ts';

export interface DirectSession {
  readonly login: Login;
  end(reason: SessionEndReason): void;
}

type Listener = (session: DirectSession) => void;

/** Knows each from its login to its end. */
export class DirectSessions {
  readonly #site: string;
  readonly #sessions = new Set<DirectSession>();
  readonly #listeners = new Set<Listener>();

  /** @param site Where all of them are. */
  constructor(site: string) {
    this.#site = site;
  }

  find(): Iterable<DirectSession> {
    return this.#sessions;
  }

  /** Calls `listener` with each that begins. @returns How to cease. */
  onSession(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @returns How to forget it, when it is over. */
  add(session: DirectSession): () => void {
    this.#sessions.add(session);
    for (const listener of this.#listeners) listener(session);
    return () => void this.#sessions.delete(session);
  }

  /**
   * Ends those that an operator means.
   *
   * @returns How many were told to end.
   * @throws For a network that is none: another release may have let it pass.
   */
  endMeant(request: SessionEndRequest): number {
    if (request.site !== undefined && request.site !== this.#site) return 0;
    const isMeant = createTest(request);
    const meant = [...this.#sessions].filter(({ login }) => isMeant(login));
    for (const session of meant) session.end('kicked');
    return meant.length;
  }
}

function createTest({
  accountId,
  protocol,
  conversationId,
  network,
}: SessionEndRequest): (login: Login) => boolean {
  const isFrom = network === undefined ? undefined : createNetworkTest([network]);
  return (login) =>
    (accountId === undefined || [login.accountId, login.delegateId].includes(accountId)) &&
    (protocol === undefined || login.protocol === protocol) &&
    (conversationId === undefined || login.conversationId === conversationId) &&
    (isFrom === undefined || isFrom(login.clientAddress));
}
