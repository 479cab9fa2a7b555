/** Secrets as a login has them checked, over the directory's services. */
import {
  findAppPassword,
  type AppPasswordUses,
  type PasswordService,
  type ScramJudge,
} from '@homeward/directory';
import type { SecretVerifier } from '../login/ports.ts';

export function createSecretVerifier(
  passwords: Pick<PasswordService, 'isRemembered' | 'remember' | 'verifyPassword'>,
  scram: ScramJudge,
  uses: Pick<AppPasswordUses, 'note'>,
): SecretVerifier {
  return {
    isRemembered: (login, password) => passwords.isRemembered(login, password),
    remember: (login, password) => passwords.remember(login, password),
    verifyPassword: (login, password, turn) => passwords.verifyPassword(login, password, turn),
    findScramParameters: (login, name) => scram.findParameters(login, name),
    verifyScram: (login, proof, protocol) => scram.verify(login, proof, protocol),
    findAppPassword,
    noteAppPasswordUse: (accountId, id) => uses.note(accountId, id),
  };
}
