/** POP3 at a test site, over TLS and by ticket, as front ends open it. */
import type { AccountRecord } from '@homeward/directory';
import type { RawClient } from '@homeward/testkit';
import type { TestSite } from './test-site.ts';

/** A connection that is logged in; the caller closes it. */
export async function openPop3(
  site: TestSite,
  account: AccountRecord,
  changes: { readonly sid?: string } = {},
): Promise<RawClient> {
  const client = await site.connect('pop3s');
  const answer = await logInToPop3(site, client, account, changes);
  if (!answer.startsWith('+OK')) throw new Error(answer);
  return client;
}

/** Logs in by ticket. @returns the answer. */
export async function logInToPop3(
  site: TestSite,
  client: RawClient,
  account: AccountRecord,
  changes: Parameters<TestSite['sign']>[2] = {},
): Promise<string> {
  const ticket = site.sign(account, client, { proto: 'pop3', ...changes });
  const response = Buffer.from(`n,,\x01auth=Bearer ${ticket}\x01\x01`).toString('base64');
  await client.sendLine(`AUTH OAUTHBEARER ${response}`);
  for (;;) {
    const line = await client.readLine();
    if (!line.startsWith('+ ')) return line;
    await client.sendLine(Buffer.from('\x01').toString('base64'));
  }
}

/** @returns The answer's first line. */
export async function askPop3(client: RawClient, command: string): Promise<string> {
  await client.sendLine(command);
  return client.readLine();
}

/** @returns The lines between the first one and the lone dot, still dot-stuffed. */
export async function askPop3Lines(client: RawClient, command: string): Promise<string[]> {
  const status = await askPop3(client, command);
  if (!status.startsWith('+OK')) throw new Error(`${command}: ${status}`);
  const lines: string[] = [];
  for (;;) {
    const line = await client.readLine();
    if (line === '.') return lines;
    lines.push(line);
  }
}
