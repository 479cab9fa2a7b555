/**
 * A worker's control port: HTTP over TLS in which both sides show a certificate of the
 * deployment's own authority. What it does is `care-desk.ts`; here is who may ask for it.
 *
 * `POST /v1/care` with a job (`care-job.ts`); the answer is a `CareAnswer`.
 */
import { createServer } from 'node:https';
import type { ServerTls } from '@homeward/net';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CARE_JOB, type CareAnswer, type CareDesk, type CareJob } from './care-job.ts';

/** Common names whose bearers may care for mailboxes. */
const OPERATORS: ReadonlySet<string> = new Set(['operator']);
const BODY_BYTES = 512 * 1024;
const HANDSHAKE_LIMIT_MS = 10_000;
const REQUEST_LIMIT_MS = 30_000;

export interface ControlServerOptions {
  readonly host: string;
  readonly port: number;
  /** With `clientCaFile`: connections without a certificate of it are refused. */
  readonly tls: ServerTls;
  readonly desk: CareDesk;
  /** Why a mailbox is not this worker's; undefined if it is. */
  readonly findForeignOwner: (accountId: string) => string | undefined;
  /** Told of every job that was asked for, after it. */
  readonly onDone: (job: CareJob, caller: string, answer: CareAnswer) => void;
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
    if (caller !== undefined && OPERATORS.has(caller)) return;
    return reply.code(403).send({ error: `${caller ?? 'nobody'} may not care for mailboxes` });
  });
  app.post('/v1/care', async (request, reply) => {
    const parsed = CARE_JOB.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    const answer = await runJob(parsed.data, options);
    options.onDone(parsed.data, callerOf(request) ?? '', answer);
    return answer;
  });
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
