/** SCRAM with a client that is not ours: GNU SASL, which does STARTTLS, exporter and all. */
import { ensureDebianProgram } from '@homeward/testkit';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorldCertificates,
  openFrontEndWorld,
  PASSWORD,
  takeImapLogin,
  type FrontEndWorld,
} from './testing/front-end-world.ts';

const stack = new AsyncDisposableStack();
let world: FrontEndWorld;
let gsasl: string;
let caFile: string;

beforeAll(async () => {
  const found = await ensureDebianProgram({ names: ['gsasl'], packages: ['gsasl'] });
  if ('problem' in found) throw new Error(`gsasl is missing: ${found.problem}`);
  gsasl = found.path;
  const certificates = await createWorldCertificates();
  const folder = await mkdtemp(path.join(tmpdir(), 'homeward-gsasl-'));
  stack.defer(() => rm(folder, { recursive: true }));
  caFile = path.join(folder, 'ca.pem');
  await writeFile(caFile, certificates.public.ca);
  world = stack.use(
    await openFrontEndWorld({
      certificates,
      async home(peer) {
        const { tag } = await takeImapLogin(peer);
        await peer.sendLine(`${tag} OK [CAPABILITY IMAP4rev1] hello`);
        const [, logout = ''] = await peer.expectLine(/^(\S+) LOGOUT$/);
        await peer.sendLine('* BYE bye');
        await peer.sendLine(`${logout} OK done`);
      },
    }),
  );
});
afterAll(() => stack.disposeAsync());

/** All that gsasl says of a login. */
function run(mechanism: string, password: string): Promise<string> {
  const options = [
    '--client',
    '--imap',
    '--verbose',
    `--mechanism=${mechanism}`,
    // It binds wherever it can, and never by a mechanism that does not.
    ...(mechanism.endsWith('-PLUS') ? [] : ['--no-cb']),
    `--connect=localhost:${world.ports.imap}`,
    `--x509-ca-file=${caFile}`,
    '--authentication-id=anna@example.net',
    '--authorization-id=anna@example.net',
    `--password=${password}`,
  ];
  return new Promise((resolve) => {
    const child = execFile(gsasl, options, { timeout: 30_000 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end();
  });
}

describe('GNU SASL', () => {
  it.each(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'])('logs in by %s', async (mechanism) => {
    expect(await run(mechanism, PASSWORD)).toMatch(/OK \[CAPABILITY IMAP4rev1\] Logged in/);
  });

  it('is refused with a wrong password', async () => {
    expect(await run('SCRAM-SHA-256-PLUS', 'wrong')).toMatch(/NO \[AUTHENTICATIONFAILED\]/);
  });
});
