/**
 * What clients are offered, asked of the login dialogues themselves: with TLS and without it, at a
 * front end and at a back end that lets people log in.
 */
import { createImapLoginDialogue, SESSION_CAPABILITIES } from '@homeward/imap/preauth';
import { createPop3LoginDialogue } from '@homeward/pop3/preauth';

const shared = {
  banner: 'x',
  loginType: 'SecureLogin',
  mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'OAUTHBEARER', 'XOAUTH2', 'PLAIN', 'LOGIN'],
  surroundings: {
    makeNonce: () => 'x',
    findChannelBinding: () => undefined,
    tokenHint: { scope: undefined, openidConfiguration: undefined },
  },
  commandBytes: 512,
  badCommandLimit: 10,
  earlyBytes: 1024,
} as const;

/** Each once, in the order in which they are sent. */
export function listImapCapabilities(): readonly string[] {
  return collect((isEncrypted) => {
    const dialogue = createImapLoginDialogue({
      ...shared,
      isEncrypted,
      offersStartTls: true,
      capabilities: SESSION_CAPABILITIES,
      serverId: undefined,
    });
    const answer = say(dialogue, 'a CAPABILITY\r\n');
    return /^\* CAPABILITY (?<list>.*)$/m.exec(answer)?.groups?.['list']?.trim().split(' ') ?? [];
  });
}

/** First words of CAPA's lines, each once, in the order in which they are sent. */
export function listPop3Capabilities(): readonly string[] {
  return collect((isEncrypted) => {
    const dialogue = createPop3LoginDialogue({
      ...shared,
      isEncrypted,
      offersStls: true,
      offersUser: true,
      preferredLanguage: 'en',
      policy: { loginDelaySeconds: 1, expireDays: 1 },
    });
    const lines = say(dialogue, 'CAPA\r\n').split('\r\n').slice(1, -2);
    return lines.map((line) => line.split(' ')[0] ?? '');
  });
}

function collect(ask: (isEncrypted: boolean) => readonly string[]): readonly string[] {
  return [...new Set([...ask(true), ...ask(false)])];
}

function say(dialogue: ReturnType<typeof createImapLoginDialogue>, text: string): string {
  dialogue.greet(undefined);
  const steps = dialogue.receive(Buffer.from(text));
  return steps.map((step) => (step.kind === 'send' ? step.octets : '')).join('');
}
