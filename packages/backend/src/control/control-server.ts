/**
 * A worker's control port: HTTP over TLS in which both sides show a certificate of the
 * deployment's own authority. What it does is `care-desk.ts`; here is who may ask for it.
 *
 * `POST /v1/care` with a job (`care-job.ts`); the answer is a `CareAnswer`. For operators.
 * `POST /v1/queue`: see `queue-route.ts`. For operators.
 * `POST /v1/sessions/end` (`session-ends.ts` of the service package). For front ends, too.
 */
import { createServer } from 'node:https';
import type { ServerTls } from '@homeward/net';
import type { SessionEndReason } from '@homeward/sasl';
import {
  isFrontEndControlName,
  SESSION_END_ORDER,
  SESSION_END_PATH,
  type SessionEndOrder,
  type SessionEndReceipt,
} from '@homeward/service';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CARE_JOB, type CareAnswer, type CareDesk, type CareJob } from './care-job.ts';
import { addQueueRoute, type QueueRouteOptions } from './queue-route.ts';

/** Common names whose bearers may ask for everything. Front ends may have sessions ended. */
const OPERATORS: ReadonlySet<string> = new Set(['operator']);
const BODY_BYTES = 512 * 1024;
const HANDSHAKE_LIMIT_MS = 10_000;
const REQUEST_LIMIT_MS = 30_000;

export interface ControlServerOptions extends QueueRouteOptions {
  readonly host: string;
  readonly port: number;
  /** With `clientCaFile`: connections without a certificate of it are refused. */
  readonly tls: ServerTls;
  readonly desk: CareDesk;
  /** Why a mailbox is not this worker's; undefined if it is. */
  readonly findForeignOwner: (accountId: string) => string | undefined;
  /** Told of every job that was asked for, after it. */
  readonly onDone: (job: CareJob, caller: string, answer: CareAnswer) => void;
  /** Tells sessions to end at their next safe points. @returns Whether there is such a one. */
  readonly endSession: (conversationId: string, reason: SessionEndReason) => boolean;
  /** Told of each order, when the sessions have been told. */
  readonly onEndsAsked: (order: SessionEndOrder, caller: string, askedCount: number) => void;
}

/** A port that is open. Close it. */
export interface ControlServer {
  readonly address: string;
  close(): Promise<void>;
}

/** Rejects as listening does. */
export async function openControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { host, port, tls } = options;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_LIMIT_MS,
    forceCloseConnections: true,
    serverFactory: (handler) =>
      createServer(
        {
          requestCert: true,
          rejectUnauthorized: true,
          handshakeTimeout: HANDSHAKE_LIMIT_MS,
          // Asked for at each connection: new certificates are in use at once.
          SNICallback: (name, done) => done(null, tls.contextFor(name)),
        },
        handler,
      ),
  });
  addRoutes(app, options);
  return { address: await app.listen({ host, port }), close: () => app.close() };
}

function addRoutes(app: FastifyInstance, options: ControlServerOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const caller = callerOf(request);
    if (caller !== undefined && mayAsk(caller, request.url)) return;
    return reply.code(403).send({ error: `${caller ?? 'nobody'} may not ask for ${request.url}` });
  });
  addSessionRoute(app, options);
  addQueueRoute(app, options, callerOf);
  app.post('/v1/care', async (request, reply) => {
    const parsed = CARE_JOB.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    const answer = await runJob(parsed.data, options);
    options.onDone(parsed.data, callerOf(request) ?? '', answer);
    return answer;
  });
}

function addSessionRoute(
  app: FastifyInstance,
  { endSession, onEndsAsked }: ControlServerOptions,
): void {
  app.post(SESSION_END_PATH, async (request, reply) => {
    const parsed = SESSION_END_ORDER.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    const { conversationIds, reason } = parsed.data;
    const askedIds = conversationIds.filter((id) => endSession(id, reason));
    onEndsAsked(parsed.data, callerOf(request) ?? '', askedIds.length);
    return { askedIds } satisfies SessionEndReceipt;
  });
}

function mayAsk(caller: string, url: string): boolean {
  if (OPERATORS.has(caller)) return true;
  return url === SESSION_END_PATH && isFrontEndControlName(caller);
}

async function runJob(
  job: CareJob,
  { desk, findForeignOwner }: ControlServerOptions,
): Promise<CareAnswer> {
  const owner = 'accountId' in job ? findForeignOwner(job.accountId) : undefined;
  if (owner !== undefined) return { ok: false, reason: 'not-this-worker', detail: owner };
  return desk.run(job);
}

/** The common name in the certificate that the caller has shown. */
function callerOf({ raw }: FastifyRequest): string | undefined {
  const socket = raw.socket as object as Partial<PeerSocket>;
  if (socket.authorized !== true) return undefined;
  const name = socket.getPeerCertificate?.().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}

/** Of `TLSSocket`. */
interface PeerSocket {
  readonly authorized: boolean;
  getPeerCertificate(): { readonly subject?: { readonly CN?: unknown } };
}
