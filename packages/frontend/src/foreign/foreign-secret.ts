/** By what an account is logged in at a foreign site: a ticket, a master's password, its own. */
import {
  DEFAULT_MASTER_SEPARATOR,
  homeLoginName,
  type AccountRecord,
  type ForeignSite,
  type SiteRecord,
} from '@homeward/directory';
import type { ForeignSecret } from '@homeward/sasl';
import type { SessionClaims } from '../login/login-at-home.ts';
import type { LoginFault } from '../login/login-fault.ts';
import type { TicketSigner } from '../login/ports.ts';
import type { MasterSecrets } from './foreign-ports.ts';
import type { KeptSecret } from './kept-secret.ts';

export interface SecretSources {
  readonly secrets: MasterSecrets;
  readonly signer: TicketSigner;
  /** The client's own password; undefined where there is none to pass on. */
  readonly kept: KeptSecret | undefined;
}

/** Makes what one connection is shown; a ticket serves one only. `wipe` what came of it. */
export type SecretMaker = () => ForeignSecret;

/**
 * @param isDelegate The mailbox is another's than who logged in.
 * @returns How to make the secret for a connection, and how to forget it.
 */
export async function prepareForeignSecret(
  { name, foreign }: Pick<SiteRecord, 'name'> & { readonly foreign: ForeignSite },
  mailbox: AccountRecord,
  claims: SessionClaims,
  { secrets, signer, kept }: SecretSources,
): Promise<
  { readonly ok: true; readonly make: SecretMaker; readonly wipe: () => void } | LoginFault
> {
  const loginName = homeLoginName(foreign, mailbox);
  const { login } = foreign;
  switch (login.kind) {
    case 'ticket': {
      const make = (): ForeignSecret => {
        // Nobody there knows the exporter of our leg: the ticket is good for once by its jti.
        const ticket = signer.sign({ ...claims, cnf: undefined });
        return { kind: 'ticket', loginName, ticket };
      };
      return { ok: true, make, wipe: () => undefined };
    }
    case 'master': {
      const password = await secrets.read(login.secret);
      if ('problem' in password) {
        const logDetail = `${name}, secret ${login.secret}: ${password.problem}`;
        return { ok: false, reason: 'site-secret-missing', logDetail };
      }
      const { user, form, separator = DEFAULT_MASTER_SEPARATOR } = login;
      const names =
        form === 'authzid'
          ? { authzid: loginName, loginName: user }
          : { authzid: undefined, loginName: `${loginName}${separator}${user}` };
      const make = (): ForeignSecret => ({ kind: 'password', ...names, password });
      return { ok: true, make, wipe: () => void password.fill(0) };
    }
    case 'pass-through': {
      if (kept === undefined) return noPassword(name, claims.act !== undefined);
      const { password } = kept;
      const make = (): ForeignSecret => ({
        kind: 'password',
        authzid: undefined,
        loginName,
        password,
      });
      // The login as a whole owns it.
      return { ok: true, make, wipe: () => undefined };
    }
  }
}

function noPassword(site: string, isDelegate: boolean): LoginFault {
  return isDelegate
    ? {
        ok: false,
        reason: 'act-as-not-allowed',
        logDetail: `${site} wants each mailbox’s own password, and a delegate has none`,
      }
    : {
        ok: false,
        reason: 'mechanism-not-accepted',
        logDetail: `${site} wants the client’s own password: no app password, nor a mechanism that shows none`,
      };
}
