/** Our back end under measurement: a site of the demo, reached without the front end. */
import { startDemo } from '../../src/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { ACCOUNT_COUNT, type MailServer } from './mail-server.ts';

const SITE = 'dublin';

/** Starts a demo with one site. @param workerCount Processes that share the accounts. */
export async function startHomewardServer(workerCount: number = 1): Promise<MailServer> {
  const demo = await startDemo({
    sites: [SITE],
    accountCount: ACCOUNT_COUNT,
    directLogin: true,
    ...(workerCount > 1 && { workerCount }),
  });
  const accounts = demo.facts.users.map(({ name, password, backEnd }) => {
    if (backEnd.plain === undefined) throw new Error('the demo told no ports without TLS');
    return {
      name,
      password,
      imapPort: backEnd.plain.imap,
      pop3Port: backEnd.plain.pop3,
    };
  });
  return {
    name: 'Homeward',
    accounts,
    throwAway: async () => {
      for (const { pid } of demo.listSiteProcesses(SITE).slice(0, 1)) await collectGarbage(pid);
    },
    listPids: () => demo.listSiteProcesses(SITE).map(({ pid }) => pid),
    [Symbol.asyncDispose]: () => demo.stop(),
  };
}
