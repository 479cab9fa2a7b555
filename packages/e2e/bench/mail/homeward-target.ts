/**
 * Our back end under measurement: a site of the demo, reached without the front end. All mailboxes
 * are at one worker, so that a message is in them when it is taken.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startDemo } from '../../src/index.ts';
import { ImapLoad } from '../../src/load/imap-load.ts';
import { SmtpLoad, type SmtpLoadOptions } from '../../src/load/smtp-load.ts';
import type { MailTarget } from './mail-target.ts';

const SITE = 'dublin';
/** The operator may deliver as well: its certificate is of the deployment's authority. */
const CERTIFICATE = 'tls/operator';
const SETTINGS = [
  ['submission.messagesPerMinute', '0'],
  ['submission.recipientsPerHour', '0'],
] as const;

/** Starts a demo with one site. */
export async function startHomewardTarget(recipientCount: number): Promise<MailTarget> {
  const demo = await startDemo({
    sites: [SITE],
    accountCount: recipientCount,
    directLogin: true,
  });
  for (const [name, value] of SETTINGS) await demo.expectCommand(['settings', 'set', name, value]);
  const { users, configFile } = demo.facts;
  const certificate = path.join(path.dirname(configFile), CERTIFICATE);
  const cert = await readFile(`${certificate}.crt`, 'utf8');
  const key = await readFile(`${certificate}.key`, 'utf8');
  const [first] = users;
  const { plain, lmtps } = first?.backEnd ?? {};
  if (plain === undefined || lmtps === undefined) throw new Error('the demo told too few ports');
  const passwords = new Map(users.map(({ name, password }) => [name, password]));
  const submission: SmtpLoadOptions = { port: plain.submission, protocol: 'smtp' };
  const lmtp: SmtpLoadOptions = { port: lmtps, protocol: 'lmtp', tls: { ...demo.tls, cert, key } };
  return {
    name: 'Homeward',
    senders: users.slice(0, 8),
    recipients: users.map(({ name }) => name),
    openSubmission: () => SmtpLoad.open(submission),
    openLmtp: () => SmtpLoad.open(lmtp),
    awaitDelivered: () => Promise.resolve(),
    countMessages: async (recipients) => {
      let count = 0;
      for (const name of recipients) {
        await using load = await ImapLoad.logIn(plain.imap, name, passwords.get(name) ?? '');
        const { lines } = await load.expectOk('STATUS INBOX (MESSAGES)');
        count += Number(/MESSAGES (\d+)/u.exec(lines.join(' '))?.[1]);
      }
      return count;
    },
    listPids: () => demo.listSiteProcesses(SITE).map(({ pid }) => pid),
    [Symbol.asyncDispose]: () => demo.stop(),
  };
}
