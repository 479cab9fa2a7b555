/**
 * Where a password comes from: standard input, a file, or twice from the keyboard; never from
 * the command line.
 */
import { readFile } from 'node:fs/promises';
import type { OperatorConsole } from '../output/operator-console.ts';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

export interface PasswordOptions {
  readonly passwordStdin?: boolean | undefined;
  readonly passwordFile?: string | undefined;
  readonly withoutPassword?: boolean | undefined;
}

const ATTEMPTS = 3;
/** More than any password may have; the account service judges what is below. */
const MOST_BYTES = 64 * 1024;

/** Whether an option says where the password is, or that there is none. */
export function isPasswordGiven(options: PasswordOptions): boolean {
  const { passwordStdin, passwordFile, withoutPassword } = options;
  return passwordStdin === true || passwordFile !== undefined || withoutPassword === true;
}

/**
 * Reads it; one line feed at the end does not count.
 *
 * @returns undefined if there is to be none. @throws OperatorError if nobody can be asked.
 */
export async function readPassword(
  options: PasswordOptions,
  console: OperatorConsole,
): Promise<string | undefined> {
  if (options.withoutPassword === true) return undefined;
  if (options.passwordStdin === true) return readPasswordFrom(console.input);
  if (options.passwordFile !== undefined) {
    return readPasswordFile('--password-file', options.passwordFile);
  }
  if (!console.isInteractive) {
    throw new OperatorError(
      'this is no terminal on which a password could be asked for; give --password-stdin, ' +
        '--password-file FILE or --without-password',
      EXIT_CODES.usage,
    );
  }
  return askTwice(console);
}

/** @param option For the error. @throws OperatorError if the file cannot be read. */
export async function readPasswordFile(option: string, file: string): Promise<string> {
  try {
    return withoutLineEnd(await readFile(file, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new OperatorError(`${option}: ${file} cannot be read (${code})`, EXIT_CODES.badData);
  }
}

/** All that comes. @throws OperatorError if that is too much. */
export async function readPasswordFrom(input: AsyncIterable<string | Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of input) {
    parts.push(Buffer.from(part));
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      throw new OperatorError('standard input is too long for a password', EXIT_CODES.badData);
    }
  }
  return withoutLineEnd(Buffer.concat(parts).toString('utf8'));
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** Asks for a password that exists elsewhere. @throws OperatorError if nobody can be asked. */
export async function askOnce(
  message: string,
  variable: string,
  console: OperatorConsole,
): Promise<string> {
  if (!console.isInteractive) {
    throw new OperatorError(
      'this is no terminal on which a password could be asked for; give --password-file FILE or ' +
        `--password-stdin, or set ${variable}`,
      EXIT_CODES.usage,
    );
  }
  const { default: ask } = await import('@inquirer/password');
  try {
    return await ask({ message, mask: true }, { output: process.stderr });
  } catch {
    throw new OperatorError('given up, nothing was changed', EXIT_CODES.interrupted);
  }
}

async function askTwice(console: OperatorConsole): Promise<string> {
  const { default: ask } = await import('@inquirer/password');
  const output = { output: process.stderr };
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const first = await ask({ message: 'Password', mask: true }, output);
      const second = await ask({ message: 'Once more', mask: true }, output);
      if (first === second) return first;
      console.complain('these are two different passwords; once more');
    }
  } catch {
    // The only way a question ends without an answer is that it is given up: Ctrl-C.
    throw new OperatorError('given up, nothing was changed', EXIT_CODES.interrupted);
  }
  throw new OperatorError(
    'no two passwords were the same; nothing was changed',
    EXIT_CODES.refused,
  );
}
