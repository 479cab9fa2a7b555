/** `homeward certificates …` as a process, on a deployment whose certificates have aged. */
import { X509Certificate } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import {
  createCertificateAuthority,
  issueCertificate,
  readPemPair,
  writePemPair,
} from '@homeward/net/pki';
import { createTempFolder, createTestCertificate, type TempFolder } from '@homeward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import {
  type CommandResult,
  createCommandRunner,
  runHomewardHere,
} from '../testing/run-homeward.ts';

const runner = createCommandRunner();

const DAY_MS = 86_400_000;
let temp: TempFolder;

beforeEach(async () => {
  temp = await createTempFolder('certificates');
  const sites = ['--site', 'dublin', '--site', 'oslo'];
  await runHomewardHere([
    'init',
    '--folder',
    temp.path,
    '--hostname',
    'mail.example.org',
    ...sites,
  ]);
});
afterEach(() => temp.remove());

function certificates(...args: readonly string[]): Promise<CommandResult> {
  const env = { HOMEWARD_CONFIG: temp.join('homeward.yaml') };
  return runner(['certificates', ...args], { env });
}

async function read(name: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(temp.join('tls', `${name}.crt`)));
}

/** Puts a certificate in place that expires soon, with a second name and an address. */
async function age(name: string, days: number): Promise<void> {
  const ca = { certFile: temp.join('ca/ca.crt'), keyFile: temp.join('ca/ca.key') };
  const pair = await issueCertificate(await readPemPair(ca), {
    use: 'both',
    commonName: name,
    names: ['old.example.org', '192.0.2.9', '2001:db8::9'],
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
  });
  await writePemPair(filesOf(name), pair);
}

function filesOf(name: string): { readonly certFile: string; readonly keyFile: string } {
  return { certFile: temp.join('tls', `${name}.crt`), keyFile: temp.join('tls', `${name}.key`) };
}

describe('homeward certificates renew', () => {
  it('renews what expires soon, for the same names and use, with a new key', async () => {
    await age('site-oslo', 20);
    const [aged, dublin] = [await read('site-oslo'), await read('site-dublin')];
    const { code, stdout, stderr } = await certificates('renew', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      renewed: [{ name: 'site-oslo', daysLeft: 820, own: true }],
      kept: [
        { name: 'control-frontend' },
        { name: 'control-site-dublin' },
        { name: 'control-site-oslo' },
        { name: 'frontend' },
        { name: 'operator' },
        { name: 'site-dublin' },
      ],
    });
    const renewed = await read('site-oslo');
    expect(renewed.subjectAltName).toBe(aged.subjectAltName);
    expect(renewed.subject).toBe(aged.subject);
    expect(renewed.keyUsage).toEqual(aged.keyUsage);
    expect(renewed.publicKey.equals(aged.publicKey)).toBe(false);
    const authority = new X509Certificate(await readFile(temp.join('ca/ca.crt')));
    expect(renewed.verify(authority.publicKey)).toBe(true);
    expect(
      renewed.checkPrivateKey(
        (await import('node:crypto')).createPrivateKey(
          await readFile(temp.join('tls/site-oslo.key')),
        ),
      ),
    ).toBe(true);
    expect((await stat(temp.join('tls/site-oslo.key'))).mode & 0o777).toBe(0o600);
    expect((await read('site-dublin')).fingerprint256).toBe(dublin.fingerprint256);
  });

  it('does nothing while all last long', async () => {
    const { code, stdout } = await certificates('renew');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Nothing to renew\.\nOf the others .* in 8\d\d days\.\n$/);
  });

  it('renews those that are named, and all of its own', async () => {
    const before = await read('frontend');
    expect(await certificates('renew', 'frontend')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('renewed  tls/frontend.crt'),
    });
    expect((await read('frontend')).fingerprint256).not.toBe(before.fingerprint256);
    const { stdout } = await certificates('renew', '--all', '--json');
    expect((JSON.parse(stdout) as { renewed: unknown[] }).renewed).toHaveLength(7);
  });

  it('leaves those of other authorities alone', async () => {
    const foreign = await createTestCertificate(['mail.example.org']);
    const { certFile, keyFile } = filesOf('frontend');
    await writeFile(certFile, foreign.cert);
    await writeFile(keyFile, foreign.key);
    const { stdout } = await certificates('renew', '--all', '--json');
    expect(
      (JSON.parse(stdout) as { renewed: { name: string }[] }).renewed.map(({ name }) => name),
    ).toEqual([
      'control-frontend',
      'control-site-dublin',
      'control-site-oslo',
      'operator',
      'site-dublin',
      'site-oslo',
    ]);
    expect(await readFile(certFile, 'utf8')).toBe(foreign.cert);
    expect(await certificates('renew', 'frontend')).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringContaining('another authority'),
    });
  });

  it('issues nothing that outlives the authority', async () => {
    const notAfter = new Date(Math.floor((Date.now() + 90 * DAY_MS) / 1_000) * 1_000);
    const notBefore = new Date(Date.now() - DAY_MS);
    const authority = await createCertificateAuthority({ name: 'Brief', notBefore, notAfter });
    await writePemPair(
      { certFile: temp.join('ca/ca.crt'), keyFile: temp.join('ca/ca.key') },
      authority,
    );
    await age('site-oslo', 5);
    await certificates('renew');
    expect(Date.parse((await read('site-oslo')).validTo)).toBe(notAfter.getTime());
  });

  it.each([
    ['an unknown name', ['nobody'], EXIT_CODES.refused, /no certificate nobody; see/],
    ['a number of days that is none', ['--within', 'x'], EXIT_CODES.usage, /number of days/],
  ])('refuses %s', async (_claim, args, code, message) => {
    const result = await certificates('renew', ...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  it('says where to renew when the authority’s key is kept elsewhere', async () => {
    await rename(temp.join('ca/ca.key'), temp.join('offline.key'));
    const result = await certificates('renew', 'frontend');
    expect(result).toMatchObject({
      code: EXIT_CODES.badData,
      stderr: expect.stringMatching(/ca\.key cannot be read \(ENOENT\); renew where/),
    });
    // Without anything to renew nobody needs it.
    expect(await certificates('renew')).toMatchObject({ code: 0 });
  });

  it('names a file that is no certificate', async () => {
    await writeFile(temp.join('tls/site-oslo.crt'), 'scrambled');
    expect(await certificates('list')).toMatchObject({
      code: EXIT_CODES.badData,
      stderr: expect.stringMatching(/site-oslo\.crt holds no certificate/),
    });
  });
});

it('homeward certificates list tells of the authority and of everything in tls/', async () => {
  await age('site-oslo', 20);
  const { stdout } = await certificates('list', '--json');
  expect(JSON.parse(stdout)).toMatchObject([
    { name: 'ca', own: true },
    { name: 'control-frontend', names: [] },
    { name: 'control-site-dublin', names: [] },
    { name: 'control-site-oslo', names: [] },
    { name: 'frontend', names: ['mail.example.org'] },
    { name: 'operator', names: [] },
    { name: 'site-dublin', names: ['dublin.sites.mail.example.org', 'mail.example.org'] },
    {
      name: 'site-oslo',
      names: ['old.example.org', '192.0.2.9', '2001:DB8:0:0:0:0:0:9'],
      daysLeft: 19,
    },
  ]);
  expect((await certificates('list')).stdout).toMatch(/^CERTIFICATE +EXPIRES[^]*\nsite-oslo +20/);
});
