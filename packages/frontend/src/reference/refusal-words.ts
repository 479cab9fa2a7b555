/** What clients hear when a login is refused, asked of the dialogues themselves. */
import type { LoginDialogue, LoginRefusal } from '@homeward/sasl';
import { createDialogueFactory } from '../dialogues.ts';
import { FRONT_END_CONFIG } from '../config.ts';
import type { MailProtocol } from '../login/ports.ts';

/** As far as a login; the secret is nobody's. */
const LOGINS: Readonly<Record<MailProtocol, readonly string[]>> = {
  imap: ['a LOGIN anna secret\r\n'],
  pop3: ['USER anna\r\n', 'PASS secret\r\n'],
  submission: ['EHLO phone\r\n', `AUTH PLAIN ${btoa('\0anna\0secret')}\r\n`],
};

/** One line without its tag and its end. */
export function findRefusalWords(protocol: MailProtocol, refusal: LoginRefusal): string {
  const dialogue = openDialogue(protocol);
  dialogue.greet(undefined);
  for (const line of LOGINS[protocol]) dialogue.receive(Buffer.from(line));
  const steps = dialogue.loginRefused(refusal, undefined, undefined);
  const said = steps.map((step) => (step.kind === 'send' ? step.octets : '')).join('');
  return said.replace(/^a /, '').trim();
}

function openDialogue(protocol: MailProtocol): LoginDialogue {
  const values = FRONT_END_CONFIG.parse({
    imap: { listeners: [{ port: 993 }] },
    tls: { certificates: [{ certFile: 'cert.pem', keyFile: 'key.pem' }] },
    homes: { caFile: 'ca.pem' },
    ticket: { keyFile: 'ticket.pem' },
    directory: { driver: 'embedded', path: 'directory.db' },
  });
  const dialogues = createDialogueFactory({ values }, () => '');
  return dialogues.createLoginDialogue(protocol, 'implicit', undefined);
}
