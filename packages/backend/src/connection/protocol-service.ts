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

/** What a session begins with. */
export interface SessionBeginning {
  /** Octets that arrived behind the login command. */
  readonly early: Uint8Array;
  /** What the client chose before it logged in. */
  readonly choices: SessionChoices | undefined;
  readonly lines: SessionLog;
  /** The conversation's id, for farewells. */
  readonly reference: string;
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
    beginning: SessionBeginning,
  ): RunnableSession;
  /** What the mailbox may hold from now on. */
  setQuota(resource: Resource, quota: MailboxQuota): void;
  /** Calls `listener` once if what the session holds cannot be used any more. */
  onLost(resource: Resource, listener: () => void): () => void;
  release(resource: Resource): Promise<void>;
}
