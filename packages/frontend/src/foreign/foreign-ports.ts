/** What a login at a site of other software needs of the world; `wiring.ts` supplies it. */
import type { DoorTls, ForeignTrust, SiteName } from '@homeward/directory';
import type { ForeignDialogue } from '@homeward/sasl';
import type { InnerConnection, MailProtocol, TlsFacts } from '../login/ports.ts';

/** One host of a site, for one protocol. */
export interface ForeignTarget {
  readonly protocol: MailProtocol;
  readonly site: SiteName;
  /** The name that the certificate must carry. */
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
  readonly tls: DoorTls;
  readonly trust: ForeignTrust;
}

/** The client, for a PROXY header. */
export interface AnnouncedClient {
  readonly address: string;
  readonly port: number;
  readonly connectedAddress: string;
  readonly connectedPort: number;
  readonly sessionId: string;
  readonly tls: TlsFacts | undefined;
  /** How often the connection may still be passed on. */
  readonly hopsLeft: number;
}

export type UpgradeOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: string };

/** A connection that may still be upgraded to TLS. */
export interface ForeignConnection extends InnerConnection {
  /** After the server has agreed to STARTTLS; on failure the connection is gone. */
  startTls(limitMs: number, signal: AbortSignal): Promise<UpgradeOutcome>;
}

export type ForeignDialOutcome =
  | { readonly ok: true; readonly connection: ForeignConnection }
  | {
      readonly ok: false;
      readonly reason: 'unreachable' | 'tls-failed' | 'loop';
      readonly detail: string;
    };

/** How a connection is opened with a site of other software. */
export interface ForeignDialler {
  /**
   * @param announced By a PROXY header; undefined: none, `probe`: one that says that we speak for
   *   ourselves.
   */
  dial(
    target: ForeignTarget,
    announced: AnnouncedClient | 'probe' | undefined,
    budgetMs: number,
    signal: AbortSignal,
  ): Promise<ForeignDialOutcome>;
}

/** The secrets of master users, by the names that site records call them. */
export interface MasterSecrets {
  /** @returns A copy, which the caller overwrites; or why there is none. */
  read(name: string): Promise<Uint8Array | { readonly problem: string }>;
}

/** A connection on which a login may be said. */
export interface ReadyForeign {
  readonly connection: ForeignConnection;
  readonly dialogue: ForeignDialogue;
  /** Under way already on a connection that waited; it must be awaited before reading again. */
  readonly pendingRead?: ReturnType<ForeignConnection['read']>;
}

/** Connections that wait for a login. */
export interface WarmForeign {
  /** @returns One that may have died unseen; undefined: open one, and say what came of it. */
  take(target: ForeignTarget): ReadyForeign | undefined;
  noteOpened(target: ForeignTarget, isOpen: boolean): void;
}

export interface ForeignParts {
  readonly dialler: ForeignDialler;
  readonly warm: WarmForeign;
  readonly secrets: MasterSecrets;
  readonly createDialogue: (target: ForeignTarget) => ForeignDialogue;
  /** For one login, over all hosts. */
  readonly dialBudgetMs: number;
}
