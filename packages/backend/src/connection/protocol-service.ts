/** What differs between protocols once a connection is there; `serve-connection.ts` is the rest. */
import type { Protocol } from '@homeward/directory';
import type { SocketStream } from '@homeward/net';
import type {
  LoginDialogue,
  SaslSurroundings,
  SessionChoices,
  SessionEndReason,
} from '@homeward/sasl';
import type { SessionLog } from '@homeward/service';
import type { Login, MailboxQuota } from '../login/login.ts';
import type { Opened } from './login-phase.ts';

/** Why the owner ends a session. */
export type SessionEndRequest = SessionEndReason | 'mail-unavailable';

/** A session that was made and is ready to run. */
export interface RunnableSession {
  /** Serves until the end. @returns why, for the log. */
  run(): Promise<string>;
  requestEnd(reason: SessionEndRequest): void;
}

/** One protocol of a worker. `Resource` is what a session holds open. */
export interface ProtocolService<Resource> {
  readonly protocol: Protocol;
  /** What the home can do, for the answer to a login. */
  readonly capabilities: string | undefined;
  createDialogue(connection: {
    readonly isEncrypted: boolean;
    readonly surroundings: SaslSurroundings;
  }): LoginDialogue;
  open(login: Login): Promise<Opened<Resource>>;
  createSession(
    stream: SocketStream,
    resource: Resource,
    early: Uint8Array,
    choices: SessionChoices | undefined,
    lines: SessionLog,
  ): RunnableSession;
  /** What the mailbox may hold from now on. */
  setQuota(resource: Resource, quota: MailboxQuota): void;
  /** Calls `listener` once if what the session holds cannot be used any more. */
  onLost(resource: Resource, listener: () => void): () => void;
  release(resource: Resource): Promise<void>;
}
