/** SIGHUP: the services read their files again, as processes, alone and with workers. */
import {
  connectRaw,
  createTestCertificate,
  findFreePort,
  startProcess,
  type RunningProcess,
} from '@homeward/testkit';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAUNCHER } from '../testing/run-homeward.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';

let deployment: TestDeployment;
beforeAll(async () => {
  deployment = await startTestDeployment();
}, 60_000);
afterAll(() => deployment[Symbol.asyncDispose]());

/** How often the log has had such a line. */
function countLines({ output }: RunningProcess, pattern: RegExp): number {
  return output.split('\n').filter((line) => pattern.test(line)).length;
}

/** For whom the certificate is that a client gets who asks for a name. */
async function findShownName(port: number, servername: string): Promise<string | undefined> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subjectaltname } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

async function hangUp(service: RunningProcess, answer: RegExp): Promise<void> {
  const before = countLines(service, answer);
  service.signal('SIGHUP');
  await expect.poll(() => countLines(service, answer), { timeout: 10_000 }).toBe(before + 1);
}

describe.each([1, 2])('homeward frontend with %i worker(s)', (workers) => {
  it(
    'takes live settings from its file, names the others, and no file that is wrong',
    { timeout: 60_000 },
    async () => {
      const file = deployment.temp.join(`frontend-${workers}.yaml`);
      const port = await findFreePort();
      const pair = '{ certFile: tls/frontend.crt, keyFile: tls/frontend.key }';
      const write = (banner: string, more = '', name = 'fe1', pairs = pair): Promise<void> =>
        writeFile(
          file,
          `name: ${name}
workers: ${workers}
imap:
  banner: ${banner}
  listeners: [{ host: 127.0.0.1, port: ${port} }]
tls: { certificates: [${pairs}] }
homes: { caFile: ca/ca.crt }
ticket: { keyFile: keys/frontend.key }
directory: { driver: embedded, path: directory.db }
logging: { format: json }
${more}`,
        );
      await write('First.');
      const args = ['--', LAUNCHER, 'frontend', '--config', file];
      await using service = startProcess(process.execPath, {
        args,
        env: { HOMEWARD_CONFIG: undefined },
      });
      await service.waitForLine(/"service":"frontend fe1".*"service\.started"/, 30_000);
      const greet = async (): Promise<string> => {
        await using client = await connectRaw({ port, tls: { rejectUnauthorized: false } });
        return (await client.readLine()).replace(/^.*\] | \(ref .*$/g, '');
      };
      expect(await greet()).toBe('First.');

      await write('Second.');
      await hangUp(service, /"configuration\.reloaded".*"needsRestart":\[\]/);
      await expect.poll(greet).toBe('Second.');

      await write('Third.', '', 'other');
      await hangUp(service, /"configuration\.reloaded".*"needsRestart":\["name"\]/);
      await expect.poll(greet).toBe('Third.');

      await write('Fourth.', 'nonsense: true\n');
      await hangUp(service, /"configuration\.rejected".*nonsense/);
      // By whichever worker, also one that was just starting when the file changed.
      const greetAgain = (): Promise<string[]> => Promise.all([1, 2, 3, 4].map(() => greet()));
      await expect
        .poll(greetAgain, { timeout: 10_000 })
        .toEqual(['Third.', 'Third.', 'Third.', 'Third.']);

      const { cert, key } = await createTestCertificate(['new.example']);
      await writeFile(deployment.temp.join('new.crt'), cert);
      await writeFile(deployment.temp.join('new.key'), key);
      const more = `${pair}, { certFile: new.crt, keyFile: new.key }`;
      await write('Fifth.', '', 'fe1', more);
      await hangUp(service, /"configuration\.reloaded".*"needsRestart":\[\]/);
      const namesShown = async (): Promise<(string | undefined)[]> =>
        Promise.all([1, 2, 3, 4].map(() => findShownName(port, 'new.example')));
      await expect
        .poll(namesShown, { timeout: 10_000 })
        .toEqual(Array.from({ length: 4 }, () => 'DNS:new.example'));

      service.signal('SIGTERM');
      expect(await service.waitForExit()).toEqual({ code: 0, signal: null });
    },
  );
});

describe('homeward backend', () => {
  it('takes live settings from its file, and goes on', { timeout: 60_000 }, async () => {
    const address = await deployment.addAccount();
    const text = await readFile(deployment.siteConfigFile, 'utf8');
    await writeFile(deployment.siteConfigFile, `${text}\nlimits: { messageBytes: 2048 }\n`);
    await hangUp(deployment.site, /configuration\.reloaded/);
    const capabilities = await deployment.withOwner(address, async (connection) =>
      (await connection.run('CAPABILITY')).untagged.join(' '),
    );
    expect(capabilities).toContain('APPENDLIMIT=2048');
  });
});
