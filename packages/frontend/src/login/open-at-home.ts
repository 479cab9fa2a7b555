/** Opens a session where the route leads: at a worker of ours, or at other software's host. */
import type { AccountRecord } from '@homeward/directory';
import type { SessionChoices } from '@homeward/sasl';
import type { AnnouncedClient } from '../foreign/foreign-ports.ts';
import type { KeptSecret } from '../foreign/kept-secret.ts';
import { openForeignSession } from '../foreign/open-foreign-session.ts';
import { noteHostOutcome } from '../health/judge-host.ts';
import { passedOver } from '../health/passed-over.ts';
import {
  openHomeSession,
  type HomeSession,
  type Permission,
  type SessionClaims,
} from './login-at-home.ts';
import type { LoginFault } from './login-fault.ts';
import type { LoginPhases } from './login-phases.ts';
import type { LoginPorts } from './login-ports.ts';
import type { TlsFacts } from './ports.ts';
import type { OwnRoute, Route } from './route.ts';

/** How often a connection may be passed on, from proxy to proxy. */
const HOP_LIMIT = 5;

/** What is to be opened for whom. */
export interface HomeOrder {
  readonly route: Route;
  readonly mailbox: AccountRecord;
  readonly claims: SessionClaims;
  readonly choices: SessionChoices | undefined;
  /** The client's own password, where the home wants that. */
  readonly kept: KeptSecret | undefined;
  readonly phases: LoginPhases;
  readonly client: {
    readonly connectedTo: () => { readonly address: string; readonly port: number };
    readonly tls: TlsFacts | undefined;
    readonly hopsLeft: number | undefined;
  };
}

/** Who has a session. */
export interface HomePlace {
  readonly host: string;
  readonly port: number;
}

export type HomeOutcome =
  | { readonly ok: true; readonly session: HomeSession; readonly place: HomePlace }
  | LoginFault;

export type HomePorts = Pick<
  LoginPorts,
  'connections' | 'foreign' | 'health' | 'probes' | 'signer' | 'clock'
>;

/** @param permission Asked for meanwhile; nobody logs in anywhere without it. */
export async function openAtHome(
  ports: HomePorts,
  order: HomeOrder,
  permission: Permission,
  signal: AbortSignal,
): Promise<HomeOutcome> {
  const { route, mailbox, claims, choices, kept, phases } = order;
  if (route.kind === 'own') return openAtWorker(ports, { ...order, route }, permission, signal);
  const { site, door } = route;
  const client = announcedClient(order);
  const foreignOrder = {
    protocol: claims.proto,
    site,
    door,
    mailbox,
    claims,
    client,
    choices,
    kept,
    phases,
  } as const;
  return openForeignSession(ports, foreignOrder, permission, signal);
}

async function openAtWorker(
  ports: HomePorts,
  { route: { target }, mailbox, claims, choices, phases }: HomeOrder & { readonly route: OwnRoute },
  permission: Permission,
  signal: AbortSignal,
): Promise<HomeOutcome> {
  const { health, probes, clock } = ports;
  const visitor = { address: claims.client.address, mailbox: mailbox.id };
  const admission = health.admit(target, probes.own(target), visitor);
  if (admission.verdict !== 'open') {
    return passedOver(admission.verdict, `${target.host}:${target.port}`);
  }
  const { visit } = admission;
  const request = { claims, choices, phases };
  // The claim is the directory's to answer, beside the home's connection and after it.
  const atHostMs = (): number => clock.elapsedMs() - phases.spentMs('claim');
  const beganMs = atHostMs();
  try {
    const opened = await openHomeSession(ports, target, request, permission, signal);
    const phase = opened.ok ? 'login' : opened.phase;
    const waitedMs = atHostMs() - beganMs;
    const isOver = signal.aborted;
    if (phase !== undefined) noteHostOutcome(visit, opened, { phase, isOver, waitedMs });
    return opened.ok ? { ...opened, place: target } : opened;
  } finally {
    visit.leave();
  }
}

function announcedClient({ claims, client }: HomeOrder): AnnouncedClient {
  const { address, port } = claims.client;
  const connectedTo = client.connectedTo();
  // The system has forgotten it of a client that has left meanwhile, and a PROXY header cannot say
  // that there is none.
  const unspecified = address.includes(':') ? '::' : '0.0.0.0';
  return {
    address,
    port,
    connectedAddress: connectedTo.address === '' ? unspecified : connectedTo.address,
    connectedPort: connectedTo.port,
    sessionId: claims.sid,
    tls: client.tls,
    // Anybody can say a number: it counts only where it is lower.
    hopsLeft: Math.min(client.hopsLeft ?? HOP_LIMIT, HOP_LIMIT) - 1,
  };
}
