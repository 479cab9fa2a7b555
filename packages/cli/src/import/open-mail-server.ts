/** Opens a running IMAP server as a source, by the options of the command. */
import { join } from 'node:path';
import type { CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';
import { ImapLink } from './imap/imap-link.ts';
import { openImapSource } from './imap/imap-source.ts';
import { parseSourceUrl } from './imap/source-address.ts';
import { openSourceSecret, type SourceSecretOptions } from './imap/source-secret.ts';
import type { ImportSource } from './import-source.ts';

export interface MailServerOptions extends SourceSecretOptions {
  readonly user?: string | undefined;
  readonly caFile?: string | undefined;
  readonly serverName?: string | undefined;
  readonly anyCertificate?: boolean | undefined;
  /** False: without TLS. */
  readonly tls?: boolean | undefined;
  /** False: none is kept. */
  readonly journal?: string | boolean | undefined;
}

/** Connects and lists folders; the caller closes it. @throws OperatorError */
export async function openMailServer(
  url: string,
  options: MailServerOptions,
  { environment, console }: CommandContext,
  deploymentFolder: string,
  messageLimitBytes: () => number | undefined,
): Promise<ImportSource> {
  const address = parseSourceUrl(url);
  const user = options.user ?? address.user;
  if (user === undefined) {
    throw new OperatorError(
      '--user is needed: the name to log in by at the source',
      EXIT_CODES.usage,
    );
  }
  if (options.tls === false && address.tls === 'implicit') {
    throw new OperatorError(
      '--no-tls: give the address as imap://, not imaps://',
      EXIT_CODES.usage,
    );
  }
  const link = new ImapLink({
    address,
    user,
    secret: await openSourceSecret(options, user, environment, console),
    caFile: options.caFile,
    serverName: options.serverName,
    acceptsAnyCertificate: options.anyCertificate === true,
    isWithoutTls: options.tls === false,
  });
  await link.open();
  try {
    return await openImapSource(link, {
      journalFolder: journalFolder(options, deploymentFolder),
      onJournalFault: noteOnce(console.note.bind(console)),
      messageLimitBytes,
    });
  } catch (error) {
    await link.close();
    throw error;
  }
}

function journalFolder(
  { journal }: MailServerOptions,
  deploymentFolder: string,
): string | undefined {
  if (journal === false) return undefined;
  return typeof journal === 'string' ? journal : join(deploymentFolder, 'imports');
}

/** It is of use to a later run alone, so this one goes on. */
function noteOnce(note: (text: string) => void): (error: unknown) => void {
  let isTold = false;
  return (error) => {
    if (isTold) return;
    isTold = true;
    const text = error instanceof Error ? error.message : 'unknown';
    note(
      `No journal is kept (${text}): another run would fetch every message again. See --journal.`,
    );
  };
}
