/**
 * SCRAM's question before the login itself: how were the keys of this account made? Whoever asks
 * learns nothing from the answer, nor from its time, about whether there is such an account.
 */
import { normaliseLoginName, readLoginIdentities } from '@homeward/directory';
import type { ScramParameters } from '@homeward/sasl';
import type { LoginFault } from './login-fault.ts';
import { lookUpAccounts } from './look-up.ts';
import type { LoginPorts } from './login-ports.ts';

/**
 * The answer comes this long after the question: copies of accounts that are here already would
 * else be told apart from names that have to be asked of the directory.
 */
const ANSWER_AFTER_MS = 10;

type ScramPorts = Pick<LoginPorts, 'accounts' | 'verifier' | 'clock'>;

/** @returns What the client is to be told, or why nothing can be told it. */
export async function findScramParameters(
  names: { readonly loginName: string; readonly actAs: string | undefined },
  ports: ScramPorts,
): Promise<{ readonly ok: true; readonly parameters: ScramParameters } | LoginFault> {
  const [answer] = await Promise.all([
    find(names, ports),
    new Promise<void>((resolve) => {
      ports.clock.after(ANSWER_AFTER_MS, resolve);
    }),
  ]);
  return answer;
}

async function find(
  names: { readonly loginName: string; readonly actAs: string | undefined },
  { accounts, verifier }: ScramPorts,
): Promise<{ readonly ok: true; readonly parameters: ScramParameters } | LoginFault> {
  const lookedUp = await lookUpAccounts(accounts, names);
  if (!lookedUp.ok) return lookedUp;
  const parameters = await verifier.findScramParameters(lookedUp.login, nameOf(names));
  if (parameters !== 'unavailable') return { ok: true, parameters };
  return { ok: false, reason: 'directory-unavailable', logDetail: 'shared secret' };
}

/** The same for every spelling of one name. */
function nameOf({ loginName, actAs }: Parameters<typeof find>[0]): string {
  const identities = readLoginIdentities(loginName, actAs);
  if (identities.kind !== 'invalid') return identities.name;
  return normaliseLoginName(loginName) ?? loginName;
}
