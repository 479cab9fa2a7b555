/** The ops port of front ends as processes: what Prometheus and load balancers are told. */
import { connectRaw, findFreePort, startNode, type RunningProcess } from '@homeward/testkit';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  openSurroundings,
  PASSWORD,
  takeImapLogin,
  type Surroundings,
  type WorldCertificates,
} from './testing/front-end-world.ts';
import { readMetric } from './testing/read-metric.ts';

const SCRIPT = fileURLToPath(new URL('testing/run-front-end.ts', import.meta.url));

let certificates: WorldCertificates;
beforeAll(async () => {
  certificates = await createWorldCertificates();
});

interface Service extends AsyncDisposable {
  readonly surroundings: Surroundings;
  readonly process: RunningProcess;
  readonly imaps: number;
  readonly url: string;
}

async function startService(workers: number): Promise<Service> {
  const [imaps, ops] = await Promise.all([findFreePort(), findFreePort()]);
  await using stack = new AsyncDisposableStack();
  const surroundings = stack.use(
    await openSurroundings({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        await peer.hold();
      },
      config: {
        workers,
        imap: { listeners: [{ host: '127.0.0.1', port: imaps }] },
        pop3: {},
        submission: {},
        ops: { enabled: true, port: ops },
      },
    }),
  );
  const process = stack.use(startNode(SCRIPT, { args: [JSON.stringify(surroundings.config)] }));
  await process.waitForLine(/^ready /);
  const parts = stack.move();
  return {
    surroundings,
    process,
    imaps,
    url: `http://127.0.0.1:${ops}`,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function ask(url: string): Promise<readonly [number, string]> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return [response.status, await response.text()];
}

describe('the ops port of a front end', () => {
  it.each([
    [1, (check: string) => check],
    [2, (check: string) => `worker-1.${check}`],
  ] as const)('of %i worker(s) shows health and metrics of all', async (workers, name) => {
    await using service = await startService(workers);
    const { url, surroundings } = service;
    await using client = await connectRaw({ port: service.imaps, tls: surroundings.clientTls });
    await client.readLine();
    expect((await client.command('LOGIN anna@example.net wrong')).status).toBe('NO');
    await client.expectOk(`LOGIN anna@example.net "${PASSWORD}"`);

    expect(await ask(`${url}/healthz`)).toEqual([200, 'ok\n']);
    const [status, body] = await ask(`${url}/readyz`);
    expect([status, JSON.parse(body)]).toMatchObject([200, { status: 'ready', failed: {} }]);
    expect(body).toContain(`"${name('directory')}"`);
    expect((await ask(`${url}/health/imap`))[0]).toBe(200);
    const [closed, why] = await ask(`${url}/health/pop3`);
    expect(closed).toBe(503);
    expect(JSON.parse(why)).toMatchObject({ failed: { [name('listener')]: 'has no listener' } });

    const [, verbose] = await ask(`${url}/health/imap?verbose`);
    const { layers } = JSON.parse(verbose) as { layers: Record<string, object> };
    expect(layers).toMatchObject({
      [name('listener')]: { ok: true, decides: true, listeners: 1 },
      [name('directory')]: { ok: true, decides: true, behindSeconds: expect.any(Number) },
      [name('serving')]: { ok: true, decides: true },
      [name('homes')]: { ok: true, decides: false },
    });
    // Whichever worker the client came to knows its home by now.
    const [open, homes] = await ask(`${url}/health/imap/homes`);
    const counted = Object.values((JSON.parse(homes) as { layers: object }).layers);
    expect([open, counted]).toEqual([
      200,
      expect.arrayContaining([
        expect.objectContaining({ sites: 1, sitesAnswering: 1, hosts: 1, hostsAnswering: 1 }),
      ]),
    ]);
    const [, page] = await ask(`${url}/metrics`);
    const sum = (series: string): number =>
      Array.from({ length: workers }, (_, index) =>
        readMetric(page, `homeward_frontend_${series},worker="${index}"}`),
      ).reduce<number>((total, value) => total + (value ?? Number.NaN), 0);
    expect(sum('connections{protocol="imap"')).toBe(1);
    expect(sum('logins_total{protocol="imap",outcome="ok"')).toBe(1);
    expect(sum('logins_total{protocol="imap",outcome="wrong-password"')).toBe(1);
    for (const gauge of ['passwords_in_queue', 'warm_connections']) {
      expect(readMetric(page, `homeward_frontend_${gauge}{worker="0"}`)).toBe(0);
    }
    const behind = readMetric(page, 'homeward_frontend_directory_behind_seconds{worker="0"}');
    expect(behind).toBeLessThan(10);
    const expiry = 'homeward_tls_certificate_expiry_timestamp_seconds{worker="0"}';
    expect(readMetric(page, expiry)).toBeGreaterThan(Date.now() / 1000);
    expect(page).toMatch(/^homeward_log_lines_total\{level="info",worker="0"\} [1-9]/m);
    expect(page).toMatch(/^homeward_frontend_login_duration_seconds_bucket\{/m);
  });

  it.each([1, 2])('of %i worker(s) is not ready as soon as it is told to stop', async (workers) => {
    await using service = await startService(workers);
    // A client that does not listen keeps the service from its end for a while.
    await using client = await connectRaw({
      port: service.imaps,
      tls: service.surroundings.clientTls,
    });
    await client.readLine();
    await client.expectOk(`LOGIN anna@example.net "${PASSWORD}"`);
    service.process.signal('SIGTERM');
    await service.process.waitForLine(/service\.stopping/);
    const [status, body] = await ask(`${service.url}/readyz`);
    expect([status, JSON.parse(body)]).toMatchObject([
      503,
      { failed: { draining: 'the service is stopping' } },
    ]);
    expect((await ask(`${service.url}/health/imap`))[0]).toBe(503);
    expect((await ask(`${service.url}/healthz`))[0]).toBe(200);
    await client.close();
    expect(await service.process.waitForExit()).toEqual({ code: 0, signal: null });
  });
});

describe('FrontEndWorker’s checks', () => {
  it('tell of a protocol that was switched off live, and of the end', async () => {
    await using world = await openFrontEndWorld({ certificates });
    const { worker } = world;
    expect(worker.findDirectoryFault()).toBeUndefined();
    expect(worker.findListenerFault()).toBeUndefined();
    expect(worker.findProtocolFault('pop3')).toBeUndefined();
    await world.directory.setSetting('pop3.enabled', false);
    await expect.poll(() => worker.findProtocolFault('pop3')).toBe('is switched off');
    expect(worker.findProtocolFault('imap')).toBeUndefined();
    const closed = worker.close();
    expect(worker.findListenerFault()).toBe('the front end is stopping');
    await closed;
  });
});
