/** `homeward group`, `domain` and `address` as processes, on one deployment. */
import { createTempFolder, type TempFolder } from '@homeward/testkit';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import {
  type CommandResult,
  createCommandRunner,
  runHomewardHere,
} from '../testing/run-homeward.ts';

const runner = createCommandRunner();

let temp: TempFolder;

beforeAll(async () => {
  temp = await createTempFolder('addresses');
  const args = ['--folder', temp.path, '--hostname', 'mail.example.org', '--site', 'dublin'];
  await runHomewardHere(['init', ...args]);
  for (const [local, ...more] of [
    ['anna', '--name', 'anna', '--name', 'ann@example.org'],
    ['berta'],
    ['desk', '--kind', 'shared'],
    ['ghost', '--kind', 'guest'],
    ['off', '--disabled'],
  ]) {
    const add = ['account', 'add', `${local}@example.org`, '--site', 'dublin'];
    await json([...add, '--without-password', ...more]);
  }
  const rights = ['--rights', 'full,send-as'];
  await json(['account', 'delegate', 'desk@example.org', 'anna', ...rights]);
  await json(['domain', 'add', 'example.org']);
});
afterAll(() => temp.remove());

function homeward(args: readonly string[]): Promise<CommandResult> {
  return runner(args, { env: { HOMEWARD_CONFIG: temp.join('homeward.yaml') } });
}

async function json(args: readonly string[], code = 0): Promise<unknown> {
  const result = await homeward([...args, '--json']);
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: '' });
  return JSON.parse(result.stdout);
}

test('homeward account add notes which of its addresses get no mail here', async () => {
  const add = ['account', 'add', 'zoe@example.net', '--site', 'dublin', '--without-password'];
  const added = await homeward([...add, '--name', 'zoe@example.org', '--name', 'zoe', '--json']);
  expect(added.code).toBe(0);
  expect(JSON.parse(added.stdout)).toMatchObject({ address: 'zoe@example.net' });
  expect(added.stderr).toBe(
    'Mail for zoe@example.net goes elsewhere: example.net is not among the accepted domains. ' +
      'If it is yours: homeward domain add example.net\n',
  );
  const set = await homeward(['account', 'set', 'zoe', '--name', 'zoe', '--name', 'z@example.com']);
  expect(set.stderr).toContain('Mail for z@example.com goes elsewhere');
  const moved = await homeward(['account', 'set', 'zoe', '--address', 'zo@example.com']);
  expect(moved.stderr).toContain('Mail for zo@example.com goes elsewhere');
  await json(['account', 'delete', 'zoe', '--leave-mail', '--yes']);
});

describe('homeward group', () => {
  it('adds, lists and shows', async () => {
    const members = ['--member', 'ANNA', '--member', 'guest@example.net'];
    const added = await json(['group', 'add', 'Inner@example.org', ...members]);
    const anna = { kind: 'account', id: expect.any(String), address: 'anna@example.org' };
    const guest = { kind: 'address', id: null, address: 'guest@example.net' };
    expect(added).toMatchObject({
      address: 'inner@example.org',
      aliases: [],
      members: [anna, guest],
      senders: 'accounts',
      named: [],
    });
    const more = ['--alias', 'every@example.org', '--sender', 'anna', '--display-name', 'All'];
    expect(await json(['group', 'add', 'all@example.org', ...more])).toMatchObject({
      aliases: ['every@example.org'],
      senders: 'named',
      named: [anna],
      displayName: 'All',
    });
    const who = ['inner@example.org', 'berta@example.org'];
    expect(await json(['group', 'member', 'add', 'every@example.org', ...who])).toMatchObject({
      members: [{ kind: 'group', address: 'inner@example.org' }, {}],
    });
    expect(await json(['group', 'list'])).toMatchObject([
      { address: 'all@example.org', memberCount: 2, senders: 'named' },
      { address: 'inner@example.org', memberCount: 2 },
    ]);
    const shown = await homeward(['group', 'show', 'all@example.org']);
    expect(shown.stdout).toMatch(/may send +anna@example\.org\nmembers +2\n +inner@.* \(group\)/);
    expect((await homeward(['group', 'list'])).stdout).toMatch(/^ADDRESS +MEMBERS +MAY SEND/);
  });

  it('changes and deletes, also what has members that are gone', async () => {
    const changes = ['--senders', 'anybody', '--no-aliases', '--display-name', ''];
    expect(await json(['group', 'set', 'all@example.org', ...changes])).toMatchObject({
      aliases: [],
      senders: 'anybody',
      named: [],
      displayName: null,
    });
    await json(['group', 'member', 'remove', 'all@example.org', 'berta@example.org']);
    await json(['group', 'delete', 'inner@example.org', '--yes']);
    expect((await homeward(['group', 'show', 'all@example.org'])).stdout).toMatch(
      /members +1\n +01[0-9A-Z]{24} \(a group that is gone\)/,
    );
    await json(['group', 'delete', 'all@example.org', '-y']);
    expect((await homeward(['group', 'list'])).stdout).toBe(
      'No groups. Add one with homeward group add.\n',
    );
  });

  test.each([
    ['an address that an account has', ['add', 'ann@example.org'], EXIT_CODES.refused, /is taken/],
    ['no address', ['add', 'team'], EXIT_CODES.refused, /not an e-mail address/],
    [
      'a member that is nobody',
      ['add', 'x@example.org', '--member', 'zoe'],
      EXIT_CODES.refused,
      /"zoe" is nobody here/,
    ],
    ['nothing to change', ['set', 'x@example.org'], EXIT_CODES.usage, /nothing to change/],
    [
      'senders of another kind',
      ['set', 'x@example.org', '--senders', 'some'],
      EXIT_CODES.usage,
      /Allowed choices are anybody/,
    ],
    ['an account', ['show', 'anna'], EXIT_CODES.refused, /no group anna/],
    [
      'a group that is not there',
      ['delete', 'x@example.org', '-y'],
      EXIT_CODES.refused,
      /no group/,
    ],
    ['members of nothing', ['member', 'add', 'x', 'anna'], EXIT_CODES.refused, /no group x/],
  ])('refuses %s', async (_what, args, code, expected) => {
    const result = await homeward(['group', ...args]);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(expected);
  });

  it('does not delete without being asked', async () => {
    await json(['group', 'add', 'kept@example.org']);
    const { code, stderr } = await homeward(['group', 'delete', 'kept@example.org']);
    expect(code).toBe(EXIT_CODES.usage);
    expect(stderr).toContain('nothing was deleted');
    await json(['group', 'delete', 'kept@example.org', '--yes']);
  });
});

describe('homeward domain', () => {
  it('adds, changes, lists and removes', async () => {
    const relay = ['--kind', 'internal-relay'];
    expect(await json(['domain', 'add', 'MÜNCHEN.example', ...relay])).toEqual({
      'example.org': 'authoritative',
      'xn--mnchen-3ya.example': 'internal-relay',
    });
    expect((await homeward(['domain', 'list'])).stdout).toMatch(
      /^DOMAIN +KIND\nexample\.org +auth/,
    );
    expect(await json(['settings', 'list'])).toContainEqual(
      expect.objectContaining({
        name: 'mail.acceptedDomains',
        override: expect.objectContaining({ 'example.org': 'authoritative' }),
      }),
    );
    expect(await json(['domain', 'remove', 'münchen.example'])).toEqual({
      'example.org': 'authoritative',
    });
  });

  it('says whether the directory’s list or that of the services’ files holds', async () => {
    const none = /^The directory has no domains, so mail\.acceptedDomains of services’ files holds/;
    expect((await homeward(['domain', 'remove', 'example.org'])).stdout).toMatch(none);
    expect((await homeward(['domain', 'list'])).stdout).toMatch(none);
    const before = /\n\nThis list holds from now on, mail\.acceptedDomains .* files .* not/;
    expect((await homeward(['domain', 'add', 'example.org'])).stdout).toMatch(before);
    expect((await homeward(['domain', 'add', 'example.org'])).stdout).not.toMatch(before);
  });

  it('says that an empty list of the directory goes before those of the files, too', async () => {
    await json(['settings', 'set', 'mail.acceptedDomains', '{}']);
    const { stdout } = await homeward(['domain', 'list']);
    expect(stdout).toMatch(/^The directory’s list of domains is empty, .*\nfiles does not hold/);
    expect(stdout).toContain('\nhomeward settings unset mail.acceptedDomains\n');
    // The files' lists did not hold before, either.
    const added = await homeward(['domain', 'add', 'example.org']);
    expect(added.stdout).toMatch(/^DOMAIN +KIND\nexample\.org +authoritative\n$/);
  });

  test.each([
    ['no domain', ['add', 'exa mple.org'], /is no domain/],
    ['one that is not there', ['remove', 'example.net'], /is not among the domains/],
  ])('refuses %s', async (_what, args, expected) => {
    const { code, stderr } = await homeward(['domain', ...args]);
    expect(code).toBe(EXIT_CODES.refused);
    expect(stderr).toMatch(expected);
  });
});

describe('homeward address show', () => {
  it('says whose mailbox it is, and who may send by it', async () => {
    const view = await json(['address', 'show', 'Desk+Bills@example.org']);
    expect(view).toEqual({
      address: 'Desk+Bills@example.org',
      mail: {
        goes: 'mailbox',
        account: 'desk@example.org',
        foundBy: 'desk@example.org',
        detail: 'Bills',
        site: 'dublin',
      },
      maySend: [
        { account: 'desk@example.org', because: 'own' },
        { account: 'anna@example.org', because: 'send-as' },
      ],
      memberOf: [],
    });
    const { stdout } = await homeward(['address', 'show', 'ann@example.org']);
    expect(stdout).toMatch(
      /mail goes to +the mailbox of anna@example\.org, at dublin\nbecause +the account has ann@/,
    );
  });

  it('says who is behind a group', async () => {
    const members = [
      'desk@example.org',
      'off@example.org',
      'guest@example.net',
      'inner@example.org',
    ];
    await json(['group', 'add', 'inner@example.org', '--member', 'berta@example.org']);
    const args = members.flatMap((one) => ['--member', one]);
    await json(['group', 'add', 'crew@example.org', '--senders', 'members', ...args]);
    expect(await json(['address', 'show', 'crew@example.org'])).toMatchObject({
      mail: {
        goes: 'group',
        group: 'crew@example.org',
        recipients: {
          mailboxes: ['desk@example.org', 'berta@example.org'],
          elsewhere: ['guest@example.net'],
          skippedCount: 1,
        },
        sendersToIt: { senders: 'members' },
      },
      maySend: [],
    });
    const { stdout } = await homeward(['address', 'show', 'crew@example.org']);
    expect(stdout).toMatch(/may send to it +its members\nrecipients +desk@/);
    expect(await json(['address', 'show', 'berta@example.org'])).toMatchObject({
      memberOf: ['inner@example.org'],
    });
  });

  test.each([
    ['ghost@example.org', 'blocked-kind', EXIT_CODES.refused],
    ['off@example.org', 'account-disabled', EXIT_CODES.refused],
    ['zoe@example.org', 'nobody', EXIT_CODES.refused],
    ['anna', 'nobody', EXIT_CODES.refused],
  ])('says that nobody gets mail for %s: %s', async (address, why, code) => {
    expect(await json(['address', 'show', address], code)).toMatchObject({
      mail: { goes: 'nowhere', why },
      maySend: [],
    });
    expect((await homeward(['address', 'show', address])).stdout).toMatch(/mail goes to +nobody/);
  });

  it('says what is elsewhere', async () => {
    expect(await json(['address', 'show', 'guest@example.net'])).toMatchObject({
      mail: { goes: 'elsewhere' },
    });
  });
});

describe('homeward account show', () => {
  it('says by which names mail comes', async () => {
    const addressesOf = async (which: string): Promise<unknown> =>
      ((await json(['account', 'show', which])) as { mailAddresses: unknown }).mailAddresses;
    expect(await addressesOf('anna')).toEqual(['anna@example.org', 'ann@example.org']);
    expect(await addressesOf('off@example.org')).toEqual([]);
    const { stdout } = await homeward(['account', 'show', 'ghost@example.org']);
    expect(stdout).toMatch(/mail reaches +nobody: no mail for accounts of kind guest/);
  });
});
