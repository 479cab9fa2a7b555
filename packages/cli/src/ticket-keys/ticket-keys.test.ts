/** `homeward ticket-key …` as a process, with a site that must heed it. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { formatKeyId } from '@homeward/ticket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';
import type { KeyView } from './key-view.ts';

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment[Symbol.asyncDispose]());

function list(): Promise<readonly KeyView[]> {
  return deployment.json('ticket-key', 'list');
}

interface AddedKey extends KeyView {
  readonly made: boolean;
  readonly added: boolean;
}

/** Lets the command line open mailboxes by another key. */
async function writeConfigWith(keyId: string, keyFile: string): Promise<string> {
  const whole = await readFile(deployment.configFile, 'utf8');
  const file = deployment.temp.join(`with-${keyId}.yaml`);
  const ticket = `ticket:\n  keyId: ${JSON.stringify(keyId)}\n  keyFile: ${keyFile}\n`;
  await writeFile(file, whole.replace(/^ticket:\n(?: .*\n)+/m, ticket));
  return file;
}

/** Ours never begin with one; a key that was made elsewhere may. */
function makeKeyWithDash(): { readonly pem: string; readonly keyId: string } {
  for (;;) {
    const { publicKey } = generateKeyPairSync('ed25519');
    const keyId = formatKeyId(publicKey.export({ type: 'spki', format: 'der' }));
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    if (keyId.startsWith('-')) return { pem, keyId };
  }
}

describe('homeward ticket-key', () => {
  it('list tells of init’s keys, and which is the caller’s', async () => {
    expect(await list()).toMatchObject([
      { label: 'front end frontend', revokedAt: null, own: false },
      { label: 'operator', revokedAt: null, own: true },
    ]);
    expect(await deployment.run('ticket-key', 'list')).toMatch(
      /^KEY +OF[^]*operator .*this command/,
    );
  });

  it('add makes a key that sites take, revoke one that they refuse', async () => {
    const file = deployment.temp.join('keys/second.key');
    const added = await deployment.json<AddedKey>('ticket-key', 'add', file);
    expect(added).toMatchObject({ label: 'second', made: true, added: true, own: false });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const address = await deployment.addAccount();
    const config = await writeConfigWith(added.keyId, file);
    const load = [
      'mailbox',
      'import',
      address,
      deployment.temp.join('one.mbox'),
      '--config',
      config,
    ];
    await writeFile(deployment.temp.join('one.mbox'), 'From a Thu Mar  5 10:20:30 2026\n\nx\n');
    expect(await deployment.homeward(load)).toMatchObject({ code: 0 });
    const revoked = await deployment.json('ticket-key', 'revoke', added.keyId, '--yes');
    expect(revoked).toMatchObject({ keyId: added.keyId, revokedAt: expect.any(String) });
    await expect
      .poll(async () => (await deployment.homeward(load)).stderr, { timeout: 10_000 })
      .toMatch(/site dublin refused to open/);
    expect(await list()).toMatchObject([{ own: false }, { own: true }, { keyId: added.keyId }]);
  });

  it('revoke takes an id that looks like an option behind "--"', async () => {
    const file = deployment.temp.join('dash.pem');
    const { pem, keyId } = makeKeyWithDash();
    await writeFile(file, pem);
    await deployment.json('ticket-key', 'add', file);
    const { code, stdout } = await deployment.homeward(['ticket-key', 'revoke', '-y', '--', keyId]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining(`Revoked ${keyId}`) as unknown,
    });
  });

  it('add is safe to run again, and takes a public half alone', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const file = deployment.temp.join('public.pem');
    await writeFile(file, publicKey.export({ type: 'spki', format: 'pem' }));
    const args = ['ticket-key', 'add', file, '--label', 'front end nine'] as const;
    expect(await deployment.json(...args)).toMatchObject({ made: false, added: true });
    expect(await deployment.json(...args)).toMatchObject({ added: false, label: 'front end nine' });
  });

  it('add does not bring a revoked key back', async () => {
    const file = deployment.temp.join('keys/gone.key');
    await deployment.run('ticket-key', 'add', file);
    await deployment.run('ticket-key', 'revoke', 'gone', '--yes');
    expect(await deployment.homeward(['ticket-key', 'add', file])).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringMatching(/was revoked, and that is for good/),
    });
    expect(await deployment.homeward(['ticket-key', 'revoke', 'gone', '--yes'])).toMatchObject({
      code: EXIT_CODES.refused,
    });
  });

  it('revoke wants an id where several keys have a label', async () => {
    const files = ['a', 'b'].map((name) => deployment.temp.join(`keys/twin-${name}.key`));
    for (const file of files) await deployment.run('ticket-key', 'add', file, '--label', 'twin');
    expect(await deployment.homeward(['ticket-key', 'revoke', 'twin', '--yes'])).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringMatching(/^homeward: 2 keys in use are labelled twin; give the id/),
    });
  });

  it.each([
    [
      'no key of that name',
      ['revoke', 'nobody', '--yes'],
      EXIT_CODES.refused,
      /no ticket key nobody/,
    ],
    [
      'its own key',
      ['revoke', 'operator', '--yes'],
      EXIT_CODES.refused,
      /of this command line itself/,
    ],
    [
      'to revoke where nobody can be asked',
      ['revoke', 'front end frontend'],
      EXIT_CODES.usage,
      /--yes/,
    ],
  ])('refuses %s', async (_claim, args, code, message) => {
    const result = await deployment.homeward(['ticket-key', ...args]);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  it.each([
    ['no key', 'scrambled'],
    [
      'a key of another kind',
      generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ],
  ])('add refuses a file that holds %s', async (_claim, contents) => {
    const file = deployment.temp.join('wrong.key');
    await writeFile(file, contents);
    expect(await deployment.homeward(['ticket-key', 'add', file])).toMatchObject({
      code: EXIT_CODES.badData,
      stderr: expect.stringMatching(/holds no Ed25519 key/),
    });
    await rm(file);
  });
});
