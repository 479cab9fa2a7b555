/** `homeward ldap` against a real slapd, as processes. */
import {
  createTempFolder,
  startNode,
  startSlapd,
  type TempFolder,
  type TestSlapd,
} from '@homeward/testkit';
import { appendFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { openDeployment } from '../wiring.ts';
import { openLdap } from './open-ldap.ts';
import { runSync, type SyncOutcome } from './run-sync.ts';
import { type CommandResult, LAUNCHER, runHomeward } from '../testing/run-homeward.ts';

const PEOPLE = ['bo', 'carla', 'dan', 'eva', 'finn', 'gun', 'hans', 'ina'];
const ENTRIES = PEOPLE.map(
  (uid) => `dn: uid=${uid},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
mail: ${uid}@example.org
userPassword: password of ${uid}`,
);

let temp: TempFolder;
let slapd: TestSlapd;
beforeAll(async () => {
  temp = await createTempFolder('ldap-commands');
  slapd = await startSlapd({ entries: ENTRIES });
  const args = ['--folder', temp.path, '--hostname', 'mail.example.org', '--site', 'dublin'];
  await runHomeward(['init', ...args]);
});
afterAll(async () => {
  await slapd.stop();
  await temp.remove();
});

function homeward(args: readonly string[], input = ''): Promise<CommandResult> {
  return runHomeward(args, { input, env: { HOMEWARD_CONFIG: temp.join('homeward.yaml') } });
}

test('homeward ldap says that it is not set up, and works once it is', async () => {
  const without = await homeward(['ldap', 'test', 'bo']);
  expect(without.code).toBe(EXIT_CODES.configuration);
  expect(without.stderr).toContain('set ldap.servers');

  await writeFile(temp.join('ldap-password'), slapd.servicePassword, { mode: 0o600 });
  await appendFile(
    temp.join('homeward.yaml'),
    `ldap:
  servers: ['${slapd.url}']
  caFile: ${slapd.caFile}
  bindDn: ${slapd.serviceDn}
  bindPasswordFile: ldap-password
  base: ${slapd.base}
`,
  );
  const homeless = await homeward(['ldap', 'test', 'bo', '--without-password', '--json']);
  expect(homeless.code).toBe(EXIT_CODES.refused);
  expect(JSON.parse(homeless.stdout)).toMatchObject({ refused: 'no home site: set ldap.site' });
  const set = await homeward(['settings', 'set', 'ldap.site', 'dublin']);
  expect(set).toMatchObject({ code: 0 });
});

/** Runs `ldap sync --every` until it logs the event, then ends it in order. */
async function syncRegularly(event: string): Promise<unknown> {
  const args = ['ldap', 'sync', '--every', '1h', '--config', temp.join('homeward.yaml')];
  await using running = startNode(LAUNCHER, { args });
  const [line] = await running.waitForLine(new RegExp(`.*"${event}".*`));
  running.signal('SIGTERM');
  expect(await running.waitForExit()).toEqual({ code: 0, signal: null });
  return JSON.parse(line);
}

test('homeward ldap test shows what is found and what would come of it, changing nothing', async () => {
  const right = await homeward(
    ['ldap', 'test', 'bo', '--password-stdin', '--json'],
    'password of bo\n',
  );
  expect(right).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(right.stdout)).toMatchObject({
    ok: true,
    server: slapd.url,
    entry: `uid=bo,ou=people,${slapd.base}`,
    account: 'bo@example.org, to be made at the first login',
    judge: 'LDAP',
    site: 'dublin',
    password: 'right',
  });
  const wrong = await homeward(['ldap', 'test', 'bo', '--password-stdin'], 'wrong\n');
  expect(wrong.code).toBe(EXIT_CODES.refused);
  expect(wrong.stdout).toMatch(/password\s+wrong: invalid credentials/);
  const nobody = await homeward(['ldap', 'test', '*', '--without-password']);
  expect(nobody.code).toBe(EXIT_CODES.refused);
  expect(nobody.stdout).toContain('no entry');
  expect(JSON.parse((await homeward(['account', 'list', '--json'])).stdout)).toEqual([]);
});

test('homeward ldap sync switches off who is gone, but not many at once', async () => {
  await using deployment = await openDeployment(temp.join('homeward.yaml'), {});
  await using ldap = await openLdap(deployment);
  for (const uid of PEOPLE) {
    const lookup = await ldap.accounts.lookUp(uid);
    if (lookup.kind !== 'found') throw new Error(`${uid} was not found`);
    await ldap.accounts.authenticate(lookup.record, Buffer.from(`password of ${uid}`));
  }
  const remove = (uid: string): Promise<void> =>
    slapd.modify(`dn: uid=${uid},ou=people,${slapd.base}\nchangetype: delete\n`);
  await remove('bo');

  const dry = await homeward(['ldap', 'sync', '--dry-run']);
  expect(dry.stdout).toContain('bo@example.org: would be switched off');
  const first = JSON.parse((await homeward(['ldap', 'sync', '--json'])).stdout) as unknown;
  expect(first).toEqual({
    dryRun: false,
    checked: 8,
    added: [],
    changed: [],
    gone: ['bo@example.org'],
    failed: [],
  });
  const shown = JSON.parse((await homeward(['account', 'show', 'bo', '--json'])).stdout) as object;
  expect(shown).toMatchObject({ enabled: true, ldap: { state: 'absent' } });

  expect(await syncRegularly('ldap-sync.completed')).toMatchObject({
    checked: 8,
    gone: 0,
    failed: 0,
  });
  for (const uid of ['carla', 'dan', 'eva', 'finn', 'gun', 'ina']) await remove(uid);
  const many = await homeward(['ldap', 'sync']);
  expect(many.code).toBe(EXIT_CODES.refused);
  expect(many.stderr).toContain('6 of 7 entries are gone; nothing was changed');
  expect(await syncRegularly('ldap-sync.failed')).toMatchObject({
    reason: 'refused',
    detail: expect.stringContaining('6 of 7 entries are gone') as string,
  });
  const stopping = new AbortController();
  const outcomes: SyncOutcome[] = [];
  const checked = await runSync({
    ...{ driver: deployment.driver, ldap, force: true, signal: stopping.signal },
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      stopping.abort();
    },
  });
  expect(checked).toBeUndefined();
  expect(outcomes).toEqual([{ change: 'gone', address: 'carla@example.org' }]);
  expect((await homeward(['ldap', 'sync', '--force'])).stdout).toContain('gun@example.org');
  // Those who were switched off then are in nobody's way.
  expect(await homeward(['ldap', 'sync'])).toMatchObject({ code: 0, stderr: '' });
});

test('homeward account add --ldap makes an account whose password LDAP judges', async () => {
  const args = ['account', 'add', 'h@home.test', '--site', 'dublin', '--ldap', 'hans', '--json'];
  const added = await homeward(args);
  expect(JSON.parse(added.stdout)).toMatchObject({ ldap: { entryId: null, loginName: 'hans' } });
  expect((await homeward(['account', 'show', 'h@home.test'])).stdout).toContain(
    'judged by LDAP (as hans)',
  );
  const taken = await homeward(['account', 'set', 'h@home.test', '--no-ldap', '--json']);
  expect(JSON.parse(taken.stdout)).toMatchObject({ ldap: null });
});

test('homeward ldap sync --add makes accounts of entries that have none', async () => {
  const entry = (uid: string, more: string): Promise<void> =>
    slapd.modify(`dn: uid=${uid},ou=people,${slapd.base}
changetype: add
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
${more}`);
  await entry('ida', 'mail: ida@example.org\nmail: ida.larsson@example.org');
  await entry('printer', 'description: has no address');
  await entry('jon', 'mail: jon@example.org\nmail: all@example.org');
  await homeward(['group', 'add', 'all@example.org']);

  const dry = await homeward(['ldap', 'sync', '--add', '--force', '--dry-run']);
  expect(dry.stdout).toContain('ida@example.org: would be added');
  const before = await homeward(['account', 'show', 'ida']);
  expect(before.code).toBe(EXIT_CODES.refused);
  const first = await homeward(['ldap', 'sync', '--add', '--force', '--json']);
  expect(JSON.parse(first.stdout)).toMatchObject({
    added: expect.arrayContaining(['ida@example.org', 'jon@example.org']),
    failed: [],
  });
  const ida = await homeward(['address', 'show', 'ida.larsson@example.org', '--json']);
  expect(JSON.parse(ida.stdout)).toMatchObject({
    mail: { goes: 'mailbox', account: 'ida@example.org', site: 'dublin' },
  });
  // What a group has is left out, as what another account has.
  const jon = await homeward(['account', 'show', 'jon', '--json']);
  expect(JSON.parse(jon.stdout)).toMatchObject({ mailAddresses: ['jon@example.org'] });
  const again = await homeward(['ldap', 'sync', '--add', '--force', '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ added: [], changed: [] });
  const off = await homeward(['settings', 'set', 'ldap.makeAccounts', 'false']);
  expect(off.code).toBe(0);
  const refused = await homeward(['ldap', 'sync', '--add']);
  expect(refused).toMatchObject({ code: EXIT_CODES.refused, stdout: '' });
});
