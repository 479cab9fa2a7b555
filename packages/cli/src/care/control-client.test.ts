import { createTestCertificate, createTempFolder } from '@homeward/testkit';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createShardTable, type SiteName } from '@homeward/directory';
import { expect, it } from 'vitest';
import { askWorker } from './control-client.ts';

it('askWorker() says that somebody else answers, and not that nobody runs', async () => {
  await using temp = await createTempFolder('control');
  const [ours, theirs] = await Promise.all([
    createTestCertificate(['dublin']),
    createTestCertificate(['dublin']),
  ]);
  const files = {
    caFile: temp.join('ca'),
    certFile: temp.join('cert'),
    keyFile: temp.join('key'),
  };
  await writeFile(files.caFile, ours.ca);
  await writeFile(files.certFile, ours.cert);
  await writeFile(files.keyFile, ours.key);
  const server = createServer(theirs).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const worker = { host: '127.0.0.1', imapsPort: 1, pop3sPort: 2, controlPort: port };
  const site = {
    name: 'dublin' as SiteName,
    serverName: 'dublin',
    workers: [worker],
    shardTable: createShardTable(1, 1),
    version: 1,
  };
  const asked = askWorker(site, worker, files, '/', {});
  await expect(asked).rejects.toThrow(
    /certificate[^;]*; something else listens there, or its certificate is of another deployment: see homeward certificates list$/,
  );
  server.close();
});
