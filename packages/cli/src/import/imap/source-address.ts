/** Where a running IMAP server is: `imaps://host` (TLS at once) or `imap://host` (STARTTLS). */
import { EXIT_CODES, OperatorError } from '../../output/operator-error.ts';

export interface SourceAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls';
  /** From the URL. */
  readonly user: string | undefined;
}

/** Whether an argument is a URL of a mail server rather than a path. */
export function isSourceUrl(text: string): boolean {
  return /^imaps?:\/\//i.test(text);
}

/**
 * @throws OperatorError if it cannot be used. It repeats nothing of the text: a password with a
 *   "/", "#" or "%" in it may stand anywhere.
 */
export function parseSourceUrl(text: string): SourceAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') {
    throw usage('that is no address of a server; give one like imaps://mail.example.org');
  }
  // Never repeated: it would stand in the operator's history once more.
  if (url.password !== '') {
    throw usage(
      'the address of the source has a password in it, where everybody on this host can read it; ' +
        'change that password, and give it by --password-file',
    );
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw usage(
      'the address of the source has more than host and port; folders are chosen by --folder, ' +
        'and a password is given by --password-file',
    );
  }
  const tls = url.protocol === 'imaps:' ? 'implicit' : 'starttls';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls === 'implicit' ? 993 : 143) : Number(url.port),
    tls,
    user: url.username === '' ? undefined : decodeUser(url.username),
  };
}

function decodeUser(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw usage('the user in the address of the source is wrongly escaped; give it by --user');
  }
}

function usage(message: string): OperatorError {
  return new OperatorError(message, EXIT_CODES.usage);
}
