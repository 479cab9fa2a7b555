/**
 * The two halves of each protocol's dialogue as this front end holds them: what it offers before
 * login, and how it speaks to homes.
 */
import { createImapLoginDialogue, SESSION_CAPABILITIES } from '@homeward/imap/preauth';
import { createImapUpstream } from '@homeward/imap/upstream';
import { createPop3LoginDialogue } from '@homeward/pop3/preauth';
import { createPop3Upstream } from '@homeward/pop3/upstream';
import { offersPasswordCommands, usableMechanisms } from '@homeward/login-guards';
import type { SaslSurroundings } from '@homeward/sasl';
import { createSmtpLoginDialogue } from '@homeward/smtp/preauth';
import { createSmtpUpstream } from '@homeward/smtp/upstream';
import { hintOfIssuers } from '@homeward/token-issuers';
import type { SettingValues } from './config.ts';
import type { DialogueFactory } from './conversation/ports.ts';
import type { MailProtocol } from './login/ports.ts';

/** A mail program asks a person after each; nobody asks more often. */
const BAD_COMMAND_LIMIT = 10;
/** Commands that a client sends behind its login before it has the answer. */
const EARLY_BYTES = 65_536;

const SERVER_ID: ReadonlyMap<string, string> = new Map([['name', 'Homeward']]);

/**
 * @param settings Those in force; read when a connection begins.
 * @param makeNonce See `SaslSurroundings`.
 */
export function createDialogueFactory(
  settings: { readonly values: Pick<SettingValues, MailProtocol | 'oauth'> },
  makeNonce: () => string,
): DialogueFactory {
  return {
    createLoginDialogue(protocol, tls, client) {
      const { values } = settings;
      const { banner, loginType, maxCommandBytes } = values[protocol];
      const { issuers } = values.oauth;
      const mechanisms = usableMechanisms(values[protocol].mechanisms, issuers.length > 0);
      // Where TLS does not end here there is nothing that a login could be bound to.
      const isTlsOurs = client !== undefined && (tls === 'implicit' || tls === 'starttls');
      const shared = {
        banner,
        loginType,
        mechanisms,
        surroundings: {
          makeNonce,
          findChannelBinding: isTlsOurs ? (type) => client.findChannelBinding(type) : undefined,
          tokenHint: hintOfIssuers(issuers),
        } satisfies SaslSurroundings,
        isEncrypted: tls === 'implicit' || tls === 'balancer',
        commandBytes: maxCommandBytes,
        badCommandLimit: BAD_COMMAND_LIMIT,
        earlyBytes: EARLY_BYTES,
        countsHops: true,
      };
      if (protocol === 'pop3') {
        return createPop3LoginDialogue({
          ...shared,
          preferredLanguage: values.pop3.language,
          policy: values.pop3,
          offersUser: offersPasswordCommands(mechanisms),
          offersStls: tls === 'starttls',
        });
      }
      if (protocol === 'submission') {
        const { serverName, maxMessageBytes, extensions } = values.submission;
        return createSmtpLoginDialogue({
          ...shared,
          serverName,
          messageBytes: maxMessageBytes,
          extensions,
          offersStartTls: tls === 'starttls',
        });
      }
      return createImapLoginDialogue({
        ...shared,
        offersStartTls: tls === 'starttls',
        // What homes can do, for clients that ask before login and never again (fetchmail decides so
        // about IDLE). What counts is what the home says in the answer to the login.
        capabilities: SESSION_CAPABILITIES,
        serverId: SERVER_ID,
      });
    },
    createUpstreamDialogue(protocol) {
      // The ticket says who the client is; a home that is not ours would want ID or XCLIENT.
      switch (protocol) {
        case 'imap':
          return createImapUpstream({ clientId: undefined });
        case 'pop3':
          return createPop3Upstream();
        case 'submission':
          return createSmtpUpstream();
      }
    },
  };
}
