/**
 * The ops port: whether the process lives (`/healthz`), whether it should get traffic
 * (`/readyz`, and `/health/<room>` for one protocol), which layer is down (`/health/<room>/<layer>`,
 * `?verbose`), and its metrics (`/metrics`), for load balancers, orchestrators, people and
 * Prometheus. Plain HTTP, meant for a private network. Node's own HTTP server is enough for that;
 * further pages are routes.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mergeMetricTexts, METRICS_CONTENT_TYPE } from '../metrics/index.ts';
import { formatHealth } from './format-health.ts';
import { type HealthQuestion, parseHealthPath } from './health-question.ts';
import { type HealthReport, isWell, type LayerReport } from './health-report.ts';
import { OpsPages, type OpsPagesOptions } from './ops-pages.ts';
import { askHealth, askMetrics, type WorkerCrew } from './worker-reports.ts';

export interface OpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface OpsServerOptions extends OpsPagesOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /**
   * A supervisor: its workers' checks, rooms and metrics are shown beside its own. The service is
   * ready while any worker is well, since the others' clients can come to that one.
   */
  readonly workers?: WorkerCrew;
  /** Further paths. */
  readonly routes?: Readonly<Record<string, () => OpsAnswer | Promise<OpsAnswer>>>;
  /** Hears of a check or page that threw, a bug: for the log. Must not throw. */
  readonly onFault?: (page: string, error: unknown) => void;
}

export type OpenedOpsServer =
  | { readonly ok: true; readonly server: OpsServer }
  | { readonly ok: false; readonly reason: string };

const REQUEST_LIMIT_MS = 5_000;
const MOST_CONNECTIONS = 128;
const TEXT = 'text/plain; charset=utf-8';
/** The layer of the process's end, on every page but those of single layers. */
const STOPPING: LayerReport = {
  ok: false,
  why: 'the service is stopping',
  decides: true,
  facts: {},
};
const NOT_FOUND: OpsAnswer = { status: 404, contentType: TEXT, body: 'not found\n' };

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
  readonly #pages: OpsPages;
  #isDraining = false;

  /** Use `openOpsServer`. */
  constructor(http: Server, options: OpsServerOptions) {
    this.#http = http;
    this.#options = options;
    this.#pages = new OpsPages(options);
    const bound = http.address();
    if (bound === null || typeof bound === 'string') throw new Error('not listening on TCP');
    this.port = bound.port;
    http.on('error', () => {});
    http.on('request', (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** From now on no page says that it is ready, so that load balancers look elsewhere. */
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
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    let answer: OpsAnswer;
    try {
      answer = await this.#answer(request.method, path, query);
    } catch (error) {
      this.#options.onFault?.(path, error);
      answer = { status: 500, contentType: TEXT, body: 'internal error\n' };
    }
    response.writeHead(answer.status, {
      'content-type': answer.contentType,
      'cache-control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  async #answer(method: string | undefined, path: string, query: string): Promise<OpsAnswer> {
    if (method !== 'GET' && method !== 'HEAD') {
      return { status: 405, contentType: TEXT, body: 'only GET and HEAD\n' };
    }
    const { routes = {} } = this.#options;
    if (Object.hasOwn(routes, path)) return (await routes[path]?.()) ?? NOT_FOUND;
    if (path === '/healthz') return { status: 200, contentType: TEXT, body: 'ok\n' };
    if (path === '/metrics') return this.#metrics();
    const question = parseHealthPath(path, query);
    return question === undefined ? NOT_FOUND : this.#health(question);
  }

  async #health(question: HealthQuestion): Promise<OpsAnswer> {
    const { workers } = this.#options;
    const [known, crew] = await Promise.all([
      this.#pages.report(question),
      workers === undefined ? undefined : askHealth(workers, question),
    ]);
    if (known === undefined && crew === undefined) return NOT_FOUND;
    const own = known ?? (await this.#reportSelf(question));
    const isOneLayer = question.layer !== undefined;
    const end = this.#isDraining && !isOneLayer ? { draining: STOPPING } : {};
    const isReady = isWell(own) && isWell({ layers: end }) && crew?.isAnyWell !== false;
    const report = { layers: { ...own.layers, ...crew?.layers, ...end } };
    const detail = isOneLayer ? 'layer' : question.isVerbose === true ? 'verbose' : 'plain';
    const body = formatHealth(isReady, report, detail);
    return { status: isReady ? 200 : 503, contentType: 'application/json', body };
  }

  /** A room that only the workers know still needs the supervisor itself; a layer does not. */
  async #reportSelf({ layer }: HealthQuestion): Promise<HealthReport> {
    const self = layer === undefined ? await this.#pages.report({}) : undefined;
    return self ?? { layers: {} };
  }

  async #metrics(): Promise<OpsAnswer> {
    const { workers } = this.#options;
    const [own, crew] = await Promise.all([
      this.#pages.formatMetrics(),
      workers === undefined ? [] : askMetrics(workers),
    ]);
    const texts = own === undefined ? crew : [own, ...crew];
    if (own === undefined && workers === undefined) return NOT_FOUND;
    return { status: 200, contentType: METRICS_CONTENT_TYPE, body: mergeMetricTexts(texts) };
  }
}
