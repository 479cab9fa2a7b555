/** Submission and LMTP at a test site, over TLS, as front ends and other sites open them. */
import type { AccountRecord } from '@homeward/directory';
import { connectRaw, type ClientTls, type RawClient } from '@homeward/testkit';
import type { TestSite } from './test-site.ts';

/** A connection that is logged in by ticket; the caller closes it. */
export async function openSubmission(
  site: TestSite,
  account: AccountRecord,
  changes: Parameters<TestSite['sign']>[2] = {},
): Promise<RawClient> {
  const client = await site.connectTo(site.submissionsPort(account.id));
  await askSmtp(client, 'EHLO client.example.test');
  const ticket = site.sign(account, client, { proto: 'submission', ...changes });
  const response = Buffer.from(`n,,\x01auth=Bearer ${ticket}\x01\x01`).toString('base64');
  const answer = await askSmtp(client, `AUTH OAUTHBEARER ${response}`);
  if (!answer.startsWith('235 ')) throw new Error(answer);
  return client;
}

/** A connection whose client shows a certificate, with its greeting read. */
export async function openLmtp(site: TestSite, pair: ClientTls): Promise<RawClient> {
  const tls = { ...site.clientTls, ...pair };
  const client = await connectRaw({ port: site.port('lmtps'), tls });
  await client.readLine();
  await askSmtp(client, 'LHLO front-end.example.test');
  return client;
}

/** @returns The last line of the answer. */
export async function askSmtp(client: RawClient, command: string): Promise<string> {
  await client.sendLine(command);
  return readReply(client);
}

/** @returns The last line of the next answer. */
export async function readReply(client: RawClient): Promise<string> {
  for (;;) {
    const line = await client.readLine();
    if (line[3] !== '-') return line;
  }
}

/** A whole transaction. @returns The answer to the message, or to the first command refused. */
export async function submit(
  client: RawClient,
  sender: string,
  recipients: readonly string[],
  message: string,
): Promise<string> {
  const commands = [`MAIL FROM:<${sender}>`, ...recipients.map((one) => `RCPT TO:<${one}>`)];
  for (const command of commands) {
    const answer = await askSmtp(client, command);
    if (!answer.startsWith('250 ')) {
      await askSmtp(client, 'RSET');
      return answer;
    }
  }
  const invited = await askSmtp(client, 'DATA');
  if (!invited.startsWith('354 ')) return invited;
  await client.send(`${message}\r\n.\r\n`);
  return readReply(client);
}
