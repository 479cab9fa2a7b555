/** `homeward mailbox usage`, and the quotas and delegates of accounts, with a running site. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../output/operator-error.ts';
import { startTestDeployment, type TestDeployment } from '../testing/test-deployment.ts';

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment[Symbol.asyncDispose]());

function append(address: string, folder: string, bytes: number): Promise<string> {
  return deployment.withOwner(address, async (connection) => {
    await connection.run(`CREATE ${folder}`);
    const octets = Buffer.alloc(bytes, 'x');
    return (await connection.runInvited(`APPEND ${folder}`, bytes, [octets])).text;
  });
}

describe('homeward mailbox usage', () => {
  it('tells of each folder and of the whole', async () => {
    const address = await deployment.addAccount('--quota-messages', '50');
    await append(address, 'INBOX', 2_000);
    await append(address, 'Work', 3_000);
    await append(address, 'Work', 4_000);
    const usage = await deployment.json<{ folders: object[] }>('mailbox', 'usage', address);
    expect(usage).toMatchObject({
      account: address,
      messageCount: 3,
      messageLimit: 50,
      totalBytes: 9_000,
    });
    expect(usage.folders).toContainEqual({
      path: 'Work',
      messageCount: 2,
      unseenCount: 2,
      totalBytes: 7_000,
    });
    expect(await deployment.run('mailbox', 'usage', address)).toMatch(
      /^FOLDER +MESSAGES +UNREAD +SIZE\nINBOX +1 +1 +2 KB\n[^]*\nall +3 of 50 +3 +8\.8 KB/,
    );
  });

  it('says so when there is no such account', async () => {
    expect(await deployment.homeward(['mailbox', 'usage', 'nobody'])).toMatchObject({
      code: EXIT_CODES.refused,
      stderr: expect.stringContaining('no account nobody'),
    });
  });
});

describe('homeward account', () => {
  it('holds an account to its quota, and lets it go again', async () => {
    const address = await deployment.addAccount('--quota-bytes', '10K');
    expect(await append(address, 'INBOX', 9_000)).toContain('APPENDUID');
    expect(await append(address, 'INBOX', 2_000)).toMatch(/^\[OVERQUOTA\]/);
    expect(await deployment.json('account', 'set', address, '--quota-bytes', '1M')).toMatchObject({
      quotaBytes: 1_048_576,
    });
    expect(await append(address, 'INBOX', 2_000)).toContain('APPENDUID');
    expect(await deployment.run('account', 'show', address)).toMatch(/^quota +1 MB$/m);
    const none = ['--quota-bytes', 'none', '--quota-messages', 'none'];
    expect(await deployment.json('account', 'set', address, ...none)).toMatchObject({
      quotaBytes: null,
      quotaMessages: null,
    });
  });

  it.each([
    ['--quota-bytes', 'much'],
    ['--quota-bytes', '0'],
    ['--quota-messages', '-1'],
  ])('refuses %s %s', async (option, value) => {
    const { code } = await deployment.homeward(['account', 'set', 'x', option, value]);
    expect(code === EXIT_CODES.usage || code === EXIT_CODES.refused).toBe(true);
  });

  it('names delegates, and takes their rights away', async () => {
    const [mailbox, delegate] = [await deployment.addAccount(), await deployment.addAccount()];
    const rights = ['--rights', 'send-as,full'];
    expect(
      await deployment.json('account', 'delegate', mailbox, delegate, ...rights),
    ).toMatchObject({
      delegates: [{ rights: ['full', 'send-as'] }],
    });
    expect(await deployment.run('account', 'show', mailbox)).toContain(
      `${delegate} (full, send-as)`,
    );
    expect(
      await deployment.json('account', 'delegate', mailbox, delegate, '--remove'),
    ).toMatchObject({
      delegates: [],
    });
  });

  it.each([
    ['no rights', [], EXIT_CODES.usage, /--rights/],
    ['an unknown right', ['--rights', 'write'], EXIT_CODES.refused, /"write" is not a right/],
    ['rights and none', ['--rights', 'full', '--remove'], EXIT_CODES.usage, /cannot be used with/],
  ])('refuses a delegate with %s', async (_claim, args, code, message) => {
    const [mailbox, delegate] = [await deployment.addAccount(), await deployment.addAccount()];
    const result = await deployment.homeward(['account', 'delegate', mailbox, delegate, ...args]);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });
});
