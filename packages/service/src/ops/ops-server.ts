/**
 * The ops port: whether the process lives (`/healthz`) and whether it should get traffic
 * (`/readyz`), for load balancers and orchestrators. Plain HTTP, meant for a private network.
 * Node's own HTTP server is enough for two answers; further pages (metrics) are routes.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';

/** @returns Nothing when all is well, else why not, in a short sentence. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

export interface OpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface OpsServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** By name; all must pass for `/readyz` to say yes. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Further paths, such as `/metrics`. */
  readonly routes?: Readonly<Record<string, () => OpsAnswer | Promise<OpsAnswer>>>;
  readonly clock: Clock;
}

export type OpenedOpsServer =
  | { readonly ok: true; readonly server: OpsServer }
  | { readonly ok: false; readonly reason: string };

const CHECK_LIMIT_MS = 2_000;
const REQUEST_LIMIT_MS = 5_000;
const MOST_CONNECTIONS = 128;
const TEXT = 'text/plain; charset=utf-8';

/** Opens the port; the caller closes what it gets. */
export async function openOpsServer(options: OpsServerOptions): Promise<OpenedOpsServer> {
  const http = createServer({
    requestTimeout: REQUEST_LIMIT_MS,
    headersTimeout: REQUEST_LIMIT_MS,
    keepAliveTimeout: REQUEST_LIMIT_MS,
  });
  http.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve) => {
    http.once('error', (error) => resolve({ ok: false, reason: error.message }));
    http.listen(options.port, options.host, () => {
      http.removeAllListeners('error');
      resolve({ ok: true, server: new OpsServer(http, options) });
    });
  });
}

export class OpsServer {
  readonly port: number;
  readonly #http: Server;
  readonly #options: OpsServerOptions;
  #isDraining = false;

  /** Use `openOpsServer`. */
  constructor(http: Server, options: OpsServerOptions) {
    this.#http = http;
    this.#options = options;
    const bound = http.address();
    if (bound === null || typeof bound === 'string') throw new Error('not listening on TCP');
    this.port = bound.port;
    http.on('error', () => {});
    http.on('request', (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** From now on `/readyz` says no, so that load balancers look elsewhere. */
  startDraining(): void {
    this.#isDraining = true;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
    });
    this.#http.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: OpsAnswer;
    try {
      answer = await this.#answer(request);
    } catch {
      answer = { status: 500, contentType: TEXT, body: 'internal error\n' };
    }
    response.writeHead(answer.status, {
      'content-type': answer.contentType,
      'cache-control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  async #answer({ method, url }: IncomingMessage): Promise<OpsAnswer> {
    if (method !== 'GET' && method !== 'HEAD') {
      return { status: 405, contentType: TEXT, body: 'only GET and HEAD\n' };
    }
    const path = (url ?? '').split('?')[0] ?? '';
    if (path === '/healthz') return { status: 200, contentType: TEXT, body: 'ok\n' };
    if (path === '/readyz') return this.#readiness();
    const { routes = {} } = this.#options;
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    return route === undefined ? { status: 404, contentType: TEXT, body: 'not found\n' } : route();
  }

  async #readiness(): Promise<OpsAnswer> {
    const names = Object.keys(this.#options.checks);
    const results = await Promise.all(names.map((name) => this.#check(name)));
    const failed = Object.fromEntries(
      names.map((name, index) => [name, results[index]]).filter(([, why]) => why !== undefined),
    );
    if (this.#isDraining) failed['draining'] = 'the service is stopping';
    const isReady = Object.keys(failed).length === 0;
    return {
      status: isReady ? 200 : 503,
      contentType: 'application/json',
      body: `${JSON.stringify({ status: isReady ? 'ready' : 'not-ready', failed })}\n`,
    };
  }

  // A check that hangs or throws is a check that fails.
  async #check(name: string): Promise<string | undefined> {
    const late = Promise.withResolvers<string>();
    const cancel = this.#options.clock.after(CHECK_LIMIT_MS, () => late.resolve('no answer'));
    try {
      return await Promise.race([this.#options.checks[name]?.(), late.promise]);
    } catch {
      return 'the check failed';
    } finally {
      cancel();
    }
  }
}
