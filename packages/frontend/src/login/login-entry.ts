/** Somebody who has proved who he is and may come in: what is left is his way to his home. */
import type { SessionSecret } from '@homeward/directory';
import type { KeptSecret } from '../foreign/kept-secret.ts';
import type { LookedUp } from './look-up.ts';
import type { Admission } from './policy.ts';

export interface Entry {
  readonly ok: true;
  readonly admission: Admission;
  readonly lookedUp: Pick<LookedUp, 'mailboxName'>;
  /** As typed, for the home's log; the token's name where none was. */
  readonly loginName: string;
  /** To be shown to the client before its OK; undefined where its mechanism wants none. */
  readonly serverSignature: Uint8Array | undefined;
  readonly secret: SessionSecret;
  /** The client's own password, for a home that wants it. */
  readonly kept: KeptSecret | undefined;
}
