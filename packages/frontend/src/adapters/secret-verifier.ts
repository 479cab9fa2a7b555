/** Secrets as a login has them checked, over the directory's services. */
import type { PasswordService, ScramJudge } from '@homeward/directory';
import type { SecretVerifier } from '../conversation/ports.ts';

export function createSecretVerifier(
  passwords: Pick<PasswordService, 'isRemembered' | 'verifyPassword'>,
  scram: ScramJudge,
): SecretVerifier {
  return {
    isRemembered: (login, password) => passwords.isRemembered(login, password),
    verifyPassword: (login, password) => passwords.verifyPassword(login, password),
    findScramParameters: (login, name) => scram.findParameters(login, name),
    verifyScram: (login, proof) => scram.verify(login, proof),
  };
}
