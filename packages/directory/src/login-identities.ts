/**
 * Whom a login names: one account, or a delegate and the mailbox that he wants to open. The two
 * come in one name (Exchange's four forms, MS-OXIMAP4: `DOMAIN/delegate/alias`,
 * `DOMAIN/delegate/mailbox@domain`, `delegate@domain/alias`, `delegate@domain/mailbox@domain`), or
 * as authentication and authorization identity of a SASL mechanism (RFC 4422 §2, RFC 4616 §2).
 *
 * Names alone are read here. Two names may be of one account; who looks them up finds out.
 */
import { parseLoginName, type LoginNameRefusal } from './login-name.ts';

/** All names are in normal form. */
export type LoginIdentities =
  /** Who logs in opens his own mailbox. */
  | { readonly kind: 'own'; readonly name: string }
  /** `name` logs in, with his own password, to open the mailbox that is called `mailbox`. */
  | { readonly kind: 'delegate'; readonly name: string; readonly mailbox: string }
  | { readonly kind: 'invalid'; readonly reason: LoginNameRefusal };

/**
 * @param loginName Whose password it is, as typed; may be a delegate form.
 * @param actAs The authorization identity, as typed; empty counts as none. It names one account,
 *   and beside a delegate form the same mailbox: two different ones are nobody's wish.
 */
export function readLoginIdentities(loginName: string, actAs: string | undefined): LoginIdentities {
  const login = parseLoginName(loginName);
  if (login.kind === 'invalid') return login;
  const own: LoginIdentities =
    login.kind === 'name'
      ? { kind: 'own', name: login.name }
      : { kind: 'delegate', name: login.delegate, mailbox: login.principal };
  if (actAs === undefined || actAs === '') return own;
  const other = parseLoginName(actAs);
  if (other.kind === 'invalid') return other;
  if (other.kind === 'delegate') return { kind: 'invalid', reason: 'malformed' };
  if (own.kind === 'delegate') {
    return own.mailbox === other.name ? own : { kind: 'invalid', reason: 'malformed' };
  }
  if (own.name === other.name) return own;
  return { kind: 'delegate', name: own.name, mailbox: other.name };
}
