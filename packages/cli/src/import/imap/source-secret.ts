/**
 * The secret by which the source is opened: a password or an OAuth 2.0 access token; from a file,
 * from standard input, from the environment or from the keyboard, never from the command line.
 */
import type { Environment } from '@homeward/service';
import {
  askOnce,
  type PasswordOptions,
  readPasswordFile,
  readPasswordFrom,
} from '../../accounts/read-password.ts';
import type { OperatorConsole } from '../../output/operator-console.ts';

export interface SourceSecretOptions extends Pick<
  PasswordOptions,
  'passwordFile' | 'passwordStdin'
> {
  readonly accessTokenFile?: string | undefined;
}

/** Reads it; at each connection anew where it is a file, since tokens run out. */
export type SourceSecret = () => Promise<
  { readonly password: string } | { readonly accessToken: string }
>;

/** Where a script may leave the password. */
export const PASSWORD_VARIABLE = 'HOMEWARD_IMPORT_PASSWORD';

/** @throws OperatorError if there is none, and nobody can be asked. */
export async function openSourceSecret(
  options: SourceSecretOptions,
  user: string,
  environment: Environment,
  console: OperatorConsole,
): Promise<SourceSecret> {
  const { passwordFile, passwordStdin, accessTokenFile } = options;
  if (accessTokenFile !== undefined) {
    const read = (): Promise<string> => readPasswordFile('--access-token-file', accessTokenFile);
    await read();
    return async () => ({ accessToken: (await read()).trim() });
  }
  if (passwordFile !== undefined) {
    const read = (): Promise<string> => readPasswordFile('--password-file', passwordFile);
    await read();
    return async () => ({ password: await read() });
  }
  const password =
    passwordStdin === true
      ? await readPasswordFrom(console.input)
      : environment[PASSWORD_VARIABLE] ||
        (await askOnce(`Password of ${user} at the source`, PASSWORD_VARIABLE, console));
  return async () => ({ password });
}
