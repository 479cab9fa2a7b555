/**
 * Scripted stand-ins for everything a conversation needs, for the tests of its steps: streams
 * in memory, a clock that is turned by hand, a directory of literals, a home that says what it
 * is told to say. Nothing here is shipped or imported outside of tests.
 */
import {
  createShardTable,
  type AccountId,
  type AccountRecord,
  type CredentialSet,
  type SessionClaim,
  type SiteName,
  type SiteRecord,
} from '@homeward/directory';
import type { LdapPresence } from '@homeward/ldap';
import type {
  DialogueStep,
  LoginDialogue,
  LoginRefusal,
  ScramParameters,
  SessionFarewells,
  UpstreamDialogue,
  UpstreamStep,
} from '@homeward/sasl';
import { FakeClock } from '@homeward/testkit';
import type { OctetStream, StreamEnd } from '@homeward/wire';
import type {
  ClientConnection,
  ConversationMetrics,
  ConversationPorts,
  Relay,
  Splice,
  SpliceEnd,
} from '../conversation/ports.ts';
import type { HostVisit } from '../health/host-visit.ts';
import type { DialOutcome, InnerConnection, InnerDialler, InnerTarget } from '../login/ports.ts';
import { LoginQueue } from '../login/login-queue.ts';
import type { FrontEndLog } from '../log-events.ts';

/** A stream in memory: the test feeds it and sees what was written. */
export class ScriptedStream implements OctetStream {
  written = '';
  isDestroyed = false;
  readonly #arrived: (Uint8Array | StreamEnd)[] = [];
  #waiting: ((octets: Uint8Array | StreamEnd) => void) | undefined;
  /** Called with every write. */
  onWrite: ((text: string) => void) | undefined;
  /** What `write` returns: a promise makes the peer slow. */
  drained: Promise<void> | undefined;

  feed(text: string): void {
    this.#arrive(Buffer.from(text, 'latin1'));
  }

  finish(end: StreamEnd = 'ended'): void {
    this.#arrive(end);
  }

  read(): Promise<Uint8Array | StreamEnd> {
    const next = this.#arrived.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (this.isDestroyed) return Promise.resolve('broken');
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  write(octets: Uint8Array | string): Promise<void> | undefined {
    const text = typeof octets === 'string' ? octets : Buffer.from(octets).toString('latin1');
    this.written += text;
    this.onWrite?.(text);
    return this.drained;
  }

  cork(): void {}
  uncork(): void {}

  destroy(): void {
    this.isDestroyed = true;
    this.#waiting?.('broken');
    this.#waiting = undefined;
  }

  #arrive(octets: Uint8Array | StreamEnd): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#arrived.push(octets);
    else waiting(octets);
  }
}

export class ScriptedClient extends ScriptedStream implements ClientConnection {
  readonly remote: { readonly address: string; readonly port: number } = {
    address: '192.0.2.7',
    port: 40_000,
  };
  readonly local: { readonly address: string; readonly port: number } = {
    address: '198.51.100.1',
    port: 993,
  };
  readonly connectedTo: { readonly address: string; readonly port: number } = this.local;
  readonly hopsLeft: number | undefined = undefined;
  readonly via: string | undefined = undefined;
  tls: { version: string; cipher: string } | undefined = {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
  };
  readonly peerEnded: Promise<void> = new Promise(() => undefined);
  isClosed = false;
  tlsOutcome: Promise<boolean> = Promise.resolve(true);

  findChannelBinding(): undefined {
    return undefined;
  }

  startTls(): Promise<boolean> {
    return this.tlsOutcome;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.destroy();
    return Promise.resolve();
  }
}

export class ScriptedHome extends ScriptedStream implements InnerConnection {
  exporter: string | undefined = 'exporter';
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/**
 * `SCRAM name`, `PROOF name password`, `BELIEVED`, `BEARER name token`, `LOGIN name password`,
 * `STARTTLS`, `QUIT`, one on each line; everything else is early. */
export class LineDialogue implements LoginDialogue {
  declined: LoginDialogue['declined'] = { count: 0, lastReason: undefined };
  #early = '';

  greet(): readonly DialogueStep[] {
    return [{ kind: 'send', octets: 'HELLO\n' }];
  }

  receive(octets: Uint8Array): readonly DialogueStep[] {
    const text = this.#early + Buffer.from(octets).toString('latin1');
    const end = text.indexOf('\n');
    if (end < 0) {
      this.#early = text;
      return [];
    }
    this.#early = text.slice(end + 1);
    const [verb, loginName = '', password = '', actAs] = text.slice(0, end).split(' ');
    if (verb === 'QUIT') return [{ kind: 'close', reason: 'logged-out' }];
    if (verb === 'DECLINE') {
      this.declined = { count: 1, lastReason: 'privacy-required' };
      return [{ kind: 'send', octets: 'NO declined\n' }];
    }
    if (verb === 'STARTTLS') return [{ kind: 'start-tls' }];
    if (verb === 'SCRAM') return [{ kind: 'find-scram-parameters', loginName, actAs }];
    if (verb === 'BELIEVED') return [{ kind: 'server-believed' }];
    if (verb === 'PROOF') {
      const proof = { authMessage: password, clientProof: Buffer.from(password) };
      const names = { kind: 'scram', loginName, actAs, bindingFault: undefined } as const;
      const credentials = { ...names, ...proof };
      return [{ kind: 'authenticate', method: 'SCRAM-SHA-256', credentials }];
    }
    if (verb === 'BEARER') {
      const credentials = { kind: 'bearer', loginName, token: password } as const;
      return [{ kind: 'authenticate', method: 'OAUTHBEARER', credentials }];
    }
    const credentials = {
      kind: 'password',
      loginName,
      actAs,
      password: Buffer.from(password),
    } as const;
    return [{ kind: 'authenticate', method: 'LOGIN', credentials }];
  }

  tlsStarted(): readonly DialogueStep[] {
    this.#early = '';
    return [];
  }

  scramParametersFound({ salt }: ScramParameters): readonly DialogueStep[] {
    return [{ kind: 'send', octets: `SALT ${salt}\n` }];
  }

  proveServer(serverSignature: Uint8Array): readonly DialogueStep[] {
    return [{ kind: 'send', octets: `PROOF ${Buffer.from(serverSignature).toString()}\n` }];
  }

  loginRefused(
    reason: LoginRefusal,
    detail: string | undefined,
    reference: string | undefined,
  ): readonly DialogueStep[] {
    return [{ kind: 'send', octets: `NO ${reason} ${detail ?? '-'} ${reference ?? '-'}\n` }];
  }

  loginAccepted(capabilities: string | undefined): { octets: string; early: Uint8Array } {
    return { octets: `OK ${capabilities ?? '-'}\n`, early: Buffer.from(this.#early, 'latin1') };
  }

  farewell(reason: string): string {
    return `BYE ${reason}\n`;
  }

  sessionFarewells(): SessionFarewells {
    return (reason) => this.farewell(reason);
  }
}

/** Any octets are the greeting; then `OK caps`, `NO CODE text`, and octets behind the line. */
export class LineUpstream implements UpstreamDialogue {
  #isReady = false;

  receive(octets: Uint8Array): readonly UpstreamStep[] {
    const text = Buffer.from(octets).toString('latin1');
    if (!this.#isReady) {
      if (text.startsWith('BYE')) return [{ kind: 'broken', text: 'BYE' }];
      this.#isReady = true;
      return [{ kind: 'ready' }];
    }
    const end = text.indexOf('\n');
    if (end < 0) return [];
    const [verb, ...words] = text.slice(0, end).split(' ');
    const early = Buffer.from(text.slice(end + 1), 'latin1');
    if (verb === 'OK') return [{ kind: 'logged-in', capabilities: words.join(' '), early }];
    if (verb === 'NO') return [{ kind: 'refused', code: words[0], text: words.join(' ') }];
    return [{ kind: 'broken', text: verb ?? '' }];
  }

  login(ticket: string): readonly UpstreamStep[] {
    return [{ kind: 'send', octets: `TICKET ${ticket}\n` }];
  }
}

/** Homes that answer by a script; each dial gets a new one. */
export class ScriptedDialler implements InnerDialler {
  readonly dialled: { target: InnerTarget; home: ScriptedHome }[] = [];
  /** What happens to a new connection; the default greets and lets everybody in. */
  script: (home: ScriptedHome) => void = (home) => {
    home.onWrite = () => home.feed('OK CAPS\n');
    home.feed('HELLO\n');
  };
  failure: Extract<DialOutcome, { ok: false }> | undefined;

  dial(target: InnerTarget): Promise<DialOutcome> {
    if (this.failure !== undefined) return Promise.resolve(this.failure);
    const home = new ScriptedHome();
    this.dialled.push({ target, home });
    this.script(home);
    return Promise.resolve({ ok: true, connection: home });
  }
}

export interface LoggedEvent {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function createRecordingLog(): FrontEndLog & { readonly events: LoggedEvent[] } {
  const events: LoggedEvent[] = [];
  return { events, log: (event, fields) => void events.push({ event, fields: fields ?? {} }) };
}

export class RecordingMetrics implements ConversationMetrics {
  openCount = 0;
  readonly outcomes: string[] = [];
  readonly phases: [phase: string, durationMs: number][] = [];
  connectionOpened(): void {
    this.openCount += 1;
  }
  connectionClosed(): void {
    this.openCount -= 1;
  }
  connectionRefused(_protocol: string, reason: string): void {
    this.outcomes.push(reason);
  }
  sessionEnded(_protocol: string, endedBy: string): void {
    this.outcomes.push(endedBy);
  }
  phaseEnded(_protocol: string, phase: string, durationMs: number): void {
    this.phases.push([phase, durationMs]);
  }
  loginEnded(_protocol: string, outcome: string): void {
    this.outcomes.push(outcome);
  }
}

/** A splice that ends when the test says so. */
export class ScriptedRelay implements Relay {
  readonly splices: {
    end: (end: SpliceEnd) => void;
    farewell: string | undefined;
    isWaitedFor: boolean;
  }[] = [];

  splice(client: ClientConnection, inner: InnerConnection): Splice {
    let finish: (end: SpliceEnd) => void = () => {};
    const ended = new Promise<SpliceEnd>((resolve) => {
      finish = resolve;
    });
    const record = {
      farewell: undefined as string | undefined,
      isWaitedFor: false,
      end(end: SpliceEnd) {
        inner.destroy();
        client.destroy();
        finish(end);
      },
    };
    this.splices.push(record);
    return {
      ended,
      end(farewell) {
        record.farewell = farewell;
        record.end({ cause: 'stopped', clientOctets: 0, homeOctets: 0 });
      },
      endWhenQuiet() {
        record.isWaitedFor = true;
      },
      destroy() {
        record.end({ cause: 'stopped', clientOctets: 0, homeOctets: 0 });
      },
    };
  }
}

export function accountRecord(overrides: Partial<AccountRecord> = {}): AccountRecord {
  return {
    id: '01HANNA0000000000000000000' as AccountId,
    address: 'anna@example.net',
    names: ['anna', 'anna@example.net'],
    displayName: undefined,
    kind: 'user',
    isEnabled: true,
    protocols: { imap: true, pop3: true, submission: true },
    home: 'dublin' as SiteName,
    epoch: 3,
    connectionLimit: undefined,
    quotaBytes: undefined,
    quotaMessages: undefined,
    delegates: [],
    version: 1,
    createdAtMs: 0,
    ...overrides,
  };
}

export function siteRecord(overrides: Partial<SiteRecord> = {}): SiteRecord {
  return {
    name: 'dublin' as SiteName,
    serverName: 'dublin.mail.internal',
    workers: [
      { host: '192.0.2.1', imapsPort: 1993, pop3sPort: 1995, submissionsPort: 1465 },
      { host: '192.0.2.2', imapsPort: 2993, pop3sPort: 2995 },
    ],
    shardTable: createShardTable(2, 4),
    version: 1,
    ...overrides,
  };
}

export const SOME_CREDENTIALS: CredentialSet = {
  argon2id: '$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA',
  scramSha256: { salt: '', iterationCount: 4096, storedKey: '', serverKey: '' },
  setAtMs: 0,
};

const QUEUE_LIMITS = { atOnce: 64, holdMs: 1_000, waitMs: 10_000 };

/** The password that the scripted verifier takes for right. */
export const RIGHT_PASSWORD = 'right';

async function noProbe(): Promise<{ readonly ok: true }> {
  return { ok: true };
}

const UNHEARD_VISIT: HostVisit = {
  noteAnswer: () => undefined,
  noteFailure: () => undefined,
  leave: () => undefined,
  whenCondemned: () => () => undefined,
};

/** For tests whose sites are all of our own. */
const NO_FOREIGN_SITES: ConversationPorts['foreign'] = {
  dialler: { dial: () => Promise.reject(new Error('no site of other software here')) },
  secrets: { read: async () => ({ problem: 'there is none' }) },
  warm: { take: () => undefined, noteOpened: () => undefined },
  createDialogue() {
    throw new Error('no site of other software here');
  },
  dialBudgetMs: 4000,
};

type Replaceable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** All ports, each replaceable, with what the tests look at. */
export interface ScriptedWorld {
  readonly clock: FakeClock;
  readonly dialler: ScriptedDialler;
  readonly relay: ScriptedRelay;
  readonly log: ReturnType<typeof createRecordingLog>;
  readonly metrics: RecordingMetrics;
  readonly claims: Set<SessionClaim>;
  /** Whose passwords were verified, in order. */
  readonly verifications: string[];
  readonly tickets: Readonly<Record<string, unknown>>[];
  /** What LDAP says of who came in by another secret; undefined: he is there. */
  ldapPresence: LdapPresence | undefined;
  login: { account: AccountRecord; credentials: CredentialSet | undefined };
  /** Another's mailbox, for delegates. */
  mailbox: { account: AccountRecord; credentials: CredentialSet | undefined } | undefined;
  site: SiteRecord | undefined;
  readonly ports: Replaceable<ConversationPorts>;
}

export function createScriptedWorld(
  connectionsOf: (dialler: ScriptedDialler) => ConversationPorts['connections'],
): ScriptedWorld {
  const dialler = new ScriptedDialler();
  const clock = new FakeClock();
  const relay = new ScriptedRelay();
  const log = createRecordingLog();
  const metrics = new RecordingMetrics();
  const claims = new Set<SessionClaim>();
  const world: ScriptedWorld = {
    clock,
    dialler,
    relay,
    log,
    metrics,
    claims,
    verifications: [],
    tickets: [],
    ldapPresence: undefined,
    login: { account: accountRecord(), credentials: SOME_CREDENTIALS },
    mailbox: undefined,
    site: siteRecord(),
    ports: {
      clock,
      relay,
      maintenance: { findRouteFault: () => undefined },
      ender: { end: ({ splice, farewell }) => splice.end(farewell) },
      log,
      protocolLog: { openSession: () => undefined },
      metrics,
      connections: connectionsOf(dialler),
      foreign: NO_FOREIGN_SITES,
      health: { admit: () => ({ verdict: 'open', visit: UNHEARD_VISIT }) },
      probes: { own: () => noProbe, foreign: () => noProbe },
      accounts: {
        async findAccount(name) {
          const record = [world.login, world.mailbox].find((one) =>
            one?.account.names.includes(name),
          );
          return record === undefined ? { kind: 'unknown' } : { kind: 'found', record };
        },
        getSite: async () =>
          world.site === undefined ? { kind: 'unknown' } : { kind: 'found', site: world.site },
        // What is known is what the directory has, unless the test says otherwise.
        rereadAccount: (name) => world.ports.accounts.findAccount(name),
        rereadSite: (name) => world.ports.accounts.getSite(name),
      },
      access: { judge: () => ({ kind: 'allow', rule: undefined }) },
      queues: {
        lookUp: new LoginQueue(clock, QUEUE_LIMITS),
        home: new LoginQueue(clock, QUEUE_LIMITS),
      },
      gate: {
        isAtHome: () => false,
        enter: async () => ({
          ok: true,
          standing: 'clean',
          noteOutcome: async () => undefined,
          leave: () => undefined,
        }),
      },
      sharedSecrets: {
        markOf: async () => undefined,
        has: async () => false,
        add: async () => undefined,
      },
      verifier: {
        isRemembered: () => false,
        remember: () => undefined,
        async verifyPassword(login, password) {
          world.verifications.push(login?.account.address ?? 'nobody');
          const isRight = Buffer.from(password).toString() === RIGHT_PASSWORD;
          return login?.credentials !== undefined && isRight ? 'match' : 'mismatch';
        },
        findScramParameters: async (login, name) => ({
          salt: login?.credentials === undefined ? `fake-of-${name}` : 'real',
          iterationCount: 4096,
        }),
        verifyScram(login, { authMessage }) {
          world.verifications.push(login?.account.address ?? 'nobody');
          if (login?.credentials === undefined || authMessage !== RIGHT_PASSWORD) {
            return { outcome: 'mismatch' };
          }
          const serverSignature = Buffer.from('ours');
          return { outcome: 'match', serverSignature, appPasswordId: undefined };
        },
        findAppPassword: (login, password) =>
          login !== undefined && Buffer.from(password).toString() === 'app-password'
            ? { id: 'app1' }
            : undefined,
        noteAppPasswordUse: (_id, appPasswordId) => void world.verifications.push(appPasswordId),
      },
      ldap: {
        isRemembered: () => false,
        confirm: async (account) => world.ldapPresence ?? { kind: 'present', account },
        async authenticate({ account }, secret) {
          world.verifications.push(`${account.address} by LDAP`);
          return Buffer.from(secret).toString() === RIGHT_PASSWORD
            ? { kind: 'match', account }
            : { kind: 'mismatch', detail: 'invalid credentials' };
        },
      },
      tokens: {
        async judge(token) {
          if (token === 'away') return { ok: false, reason: 'issuer-unavailable', issuer: 'id' };
          if (token.startsWith('of-')) {
            return { ok: true, name: token.slice(3), issuer: 'id', expiresAtMs: 1_000_000 };
          }
          return { ok: false, reason: 'expired', issuer: 'id' };
        },
      },
      registry: {
        async claim(session) {
          claims.add(session);
          return claims.size;
        },
        async release(session) {
          claims.delete(session);
        },
      },
      addressRegistry: { claim: async () => 1, release: async () => undefined },
      signer: {
        sign(claim) {
          world.tickets.push(claim);
          return `ticket-${world.tickets.length}`;
        },
      },
      dialogues: {
        createLoginDialogue: () => new LineDialogue(),
        createUpstreamDialogue: () => new LineUpstream(),
      },
      settings: {
        sessionLimitsFor: (_address, perUser = 16) => ({ perUser, perAddress: undefined }),
        loginDeadlineMs: 4500,
        preAuthenticatedTimeoutMs: 60_000,
        authenticatedTimeoutMs: () => 1_800_000,
        isProtocolEnabled: () => true,
      },
    },
  };
  return world;
}
