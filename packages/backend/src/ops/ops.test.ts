/** The ops port of back ends as processes: what Prometheus and orchestrators are told. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  connectRaw,
  createTempFolder,
  findFreePort,
  startNode,
  type RunningProcess,
} from '@homeward/testkit';
import { describe, expect, it } from 'vitest';
import { openTestSite, type TestSite } from '../testing/test-site.ts';
import { createVolumeCheck } from './volume-check.ts';

const SCRIPT = fileURLToPath(new URL('../testing/run-back-end.ts', import.meta.url));

interface Service extends AsyncDisposable {
  readonly process: RunningProcess;
  readonly volumeFolder: string;
  readonly url: string;
}

/** A back end as processes, with the certificates and the directory of a site. */
async function startService(site: TestSite, workerCount: number): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder('backend'));
  const port = await findFreePort();
  const volumeFolder = folder.join('volume');
  const configFile = folder.join('backend.yaml');
  const config = {
    ...site.config,
    volumeFolder,
    workers: Array.from({ length: workerCount }, () => ({
      imaps: { host: '127.0.0.1', port: 0 },
      pop3s: { host: '127.0.0.1', port: 0 },
    })),
    logging: { level: 'info', format: 'json' },
    ops: { enabled: true, host: '127.0.0.1', port },
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config));
  const process = stack.use(startNode(SCRIPT, { args: [configFile] }));
  await process.waitForLine(/^ready$/, 30_000);
  const parts = stack.move();
  return {
    process,
    volumeFolder,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function ask(url: string): Promise<readonly [number, string]> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return [response.status, await response.text()];
}

describe('the ops port of a back end', () => {
  it.each([
    [1, ['']],
    [2, ['worker-0.', 'worker-1.']],
  ] as const)('of %i worker(s) shows all of them, and drains', async (workerCount, prefixes) => {
    const checks = ['directory', 'listeners', 'volume'];
    const passed = prefixes.flatMap((prefix) => checks.map((check) => `${prefix}${check}`));
    await using site = await openTestSite();
    await using service = await startService(site, workerCount);
    const { url, process } = service;
    expect(await ask(`${url}/healthz`)).toEqual([200, 'ok\n']);
    for (const page of ['readyz', 'health/imap', 'health/pop3']) {
      const [status, body] = await ask(`${url}/${page}`);
      expect([status, JSON.parse(body)]).toEqual([200, { status: 'ready', failed: {}, passed }]);
    }
    const noPort = [503, expect.stringContaining('no port submissions')];
    expect(await ask(`${url}/health/submission`)).toEqual(noPort);
    expect(await readdir(service.volumeFolder)).not.toContain('.writable-0');
    const [, page] = await ask(`${url}/metrics`);
    for (let index = 0; index < workerCount; index++) {
      expect(page).toContain(`homeward_backend_sessions{protocol="imap",worker="${index}"} 0\n`);
      expect(page).toContain(`homeward_backend_open_mailboxes{worker="${index}"} 0\n`);
    }
    expect(page).toMatch(/^homeward_log_lines_total\{level="info",worker="0"\} [1-9]/m);

    const opened = /"worker":0,.*"protocol":"imaps","address":"127.0.0.1:(\d+)"/;
    const [, port] = await process.waitForLine(opened);
    // A client that does not read its goodbye keeps the service from its end for a while.
    await using client = await connectRaw({ port: Number(port), tls: site.clientTls });
    await client.readLine();
    const account = await site.addAccount();
    expect(await site.authenticate(client, site.sign(account, client))).toMatch(/^t OK/);
    process.signal('SIGTERM');
    await process.waitForLine(/service\.stopping/);
    const [status, body] = await ask(`${url}/readyz`);
    expect([status, JSON.parse(body)]).toMatchObject([
      503,
      { failed: { draining: 'the service is stopping' } },
    ]);
    await client.close();
    expect(await process.waitForExit()).toEqual({ code: 0, signal: null });
  });

  it('says when the volume is gone, and when it is back', async () => {
    await using site = await openTestSite();
    await using service = await startService(site, 1);
    await rm(service.volumeFolder, { recursive: true });
    const [status, body] = await ask(`${service.url}/readyz`);
    expect([status, JSON.parse(body)]).toMatchObject([
      503,
      { failed: { volume: 'the volume cannot be written: ENOENT' } },
    ]);
    await mkdir(service.volumeFolder);
    expect((await ask(`${service.url}/readyz`))[0]).toBe(200);
  });
});

describe('createVolumeCheck()', () => {
  it('leaves nothing behind, also of a check that was cut short', async () => {
    await using folder = await createTempFolder('volume');
    await writeFile(folder.join('.writable-3'), 'rest');
    const check = createVolumeCheck(folder.path, '3');
    expect(await Promise.all([check(), check()])).toEqual([undefined, undefined]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('fails where a folder has the place of its file', async () => {
    await using folder = await createTempFolder('volume');
    await mkdir(join(folder.path, '.writable-0'));
    expect(await createVolumeCheck(folder.path, '0')()).toMatch(/cannot be written: ERR_FS_EISDIR/);
  });
});
