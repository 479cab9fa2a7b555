/** Guessing at a home itself, over real sockets: slowed down as at front ends, and told of. */
import { createPasswordService } from '@homeward/directory';
import { throttleSchema } from '@homeward/login-guards';
import { expect, it } from 'vitest';
import { askPop3 } from '../testing/pop3-client.ts';
import { askSmtp } from '../testing/smtp-client.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';

const PASSWORD = 'correct horse';
const THROTTLE = { addressFailures: 3, accountFailures: 100 };

async function openGuarded(maxDelaySeconds = 1): Promise<TestSite> {
  const delays = { maxDelaySeconds, maxIntervalSeconds: 3_600 };
  const throttle = throttleSchema.parse({ ...THROTTLE, ...delays });
  const site = await openTestSite({ directLogin: true, changes: { throttle } });
  const argon2 = { memoryKib: 1_024, passCount: 1, parallelism: 1 };
  const passwords = createPasswordService({ argon2, scramIterationCount: 4_096 });
  const made = await passwords.createCredentialSet(PASSWORD);
  await passwords.close();
  if (!made.ok) throw new Error(made.reason);
  await site.addAccount({ names: ['anna'], address: 'anna@example.test' }, made.credentials);
  return site;
}

it('a network that guesses is refused with how long to wait, whatever the password', async () => {
  await using site = await openGuarded();
  await using client = await site.connect('imaps');
  let refusal = '';
  for (let guess = 0; !refusal.includes('wait') && guess < 12; guess += 1) {
    await using guesser = await site.connect('imaps');
    await guesser.sendLine(`a LOGIN anna guess${guess}`);
    refusal = await guesser.readLine();
  }
  expect(refusal).toMatch(/^a NO \[LIMIT\] .*wait \d+ seconds/i);
  await client.sendLine(`a LOGIN anna "${PASSWORD}"`);
  expect(await client.readLine()).toMatch(/^a NO \[LIMIT\]/);
  await using pop3 = await site.connect('pop3s');
  expect(await askPop3(pop3, 'USER anna')).toMatch(/^\+OK/);
  expect(await askPop3(pop3, `PASS ${PASSWORD}`)).toMatch(/^-ERR \[LOGIN-DELAY\]/);
  await using submission = await site.connect('submissions');
  await askSmtp(submission, 'EHLO client.example.test');
  const plain = Buffer.from(`\0anna\0${PASSWORD}`).toString('base64');
  expect(await askSmtp(submission, `AUTH PLAIN ${plain}`)).toMatch(/^4\d\d 4\.7\.\d /);
  expect(site.log).toContainEqual(
    expect.objectContaining({ event: 'login.rejected', reason: 'throttled', loginName: 'anna' }),
  );
  const text = await site.metrics.format();
  expect(text).toMatch(
    /throttled_logins_total\{[^}]*cause="address",action="refused"[^}]*\} [3-9]/,
  );
});

it.each(['drain', 'now'] as const)('a stop (%s) waits for nobody who has to wait', async (mode) => {
  await using site = await openGuarded(30);
  const count = (event: string): number =>
    site.log.filter((line) => line['event'] === event).length;
  for (let guess = 0; guess < 12; guess += 1) {
    const guesser = await site.connect('imaps');
    await guesser.sendLine(`a LOGIN anna guess${guess}`);
    if (guess < 4) await guesser.readLine();
  }
  // Their turns come one after the other, two seconds between them.
  await expect.poll(() => count('throttle.held')).toBeGreaterThan(6);
  await site.stop(mode);
  expect(count('login.rejected')).toBeLessThan(12);
});

it('nobody waits for who has hung up, and his guess is not looked at', async () => {
  await using site = await openGuarded(30);
  const reasons = (): unknown[] =>
    site.log.filter(({ event }) => event === 'login.rejected').map(({ reason }) => reason);
  const held = (): number => site.log.filter(({ event }) => event === 'throttle.held').length;
  await using clients = new AsyncDisposableStack();
  for (let guess = 0; guess < 11; guess += 1) {
    const guesser = clients.use(await site.connect('imaps'));
    await guesser.sendLine(`a LOGIN anna guess${guess}`);
    if (guess < 4) await guesser.readLine();
  }
  await expect.poll(held).toBeGreaterThan(5);
  await clients.disposeAsync();
  await expect.poll(() => reasons().length).toBe(11);
  expect(reasons().filter((reason) => reason === 'throttled').length).toBeGreaterThan(4);
});

it('a rule about the connection refuses before any secret, and applies live', async () => {
  await using site = await openGuarded();
  const rule = { name: 'no pop', action: 'deny', when: { protocols: ['pop3'] }, unless: {} };
  await site.directory.setSetting('clientAccess.rules', [rule]);
  await expect
    .poll(
      async () => {
        await using pop3 = await site.connect('pop3s');
        await askPop3(pop3, 'USER anna');
        return await askPop3(pop3, `PASS ${PASSWORD}`);
      },
      { timeout: 5_000 },
    )
    .toMatch(/^-ERR \[SYS\/PERM\] .*not allowed here/);
  await using imap = await site.connect('imaps');
  await imap.expectOk(`LOGIN anna "${PASSWORD}"`);
  expect(site.log).toContainEqual(
    expect.objectContaining({ reason: 'access-denied', detail: 'rule 1, no pop' }),
  );
});
