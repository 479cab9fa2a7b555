/** What is to be opened at a site of other software. */
import type {
  AccountRecord,
  ForeignDoor,
  ForeignSite,
  SiteHost,
  SiteRecord,
} from '@homeward/directory';
import type { SessionChoices } from '@homeward/sasl';
import type { SessionClaims } from '../login/login-at-home.ts';
import type { LoginPhases } from '../login/login-phases.ts';
import type { MailProtocol } from '../login/ports.ts';
import type { AnnouncedClient, ForeignTarget } from './foreign-ports.ts';
import type { KeptSecret } from './kept-secret.ts';

/** Whose mailbox is to be opened, where, for whom. */
export interface ForeignOrder {
  readonly protocol: MailProtocol;
  readonly site: SiteRecord & { readonly foreign: ForeignSite };
  readonly door: ForeignDoor;
  readonly mailbox: AccountRecord;
  readonly claims: SessionClaims;
  readonly client: AnnouncedClient;
  readonly choices: SessionChoices | undefined;
  readonly kept: KeptSecret | undefined;
  readonly phases: LoginPhases;
}

/** One of the site's hosts, as it is to be connected to. */
export function targetOf(
  { protocol, site, door }: Pick<ForeignOrder, 'protocol' | 'site' | 'door'>,
  { host, port }: SiteHost,
): ForeignTarget {
  const serverName = site.serverName === '' ? host : site.serverName;
  const { trust } = site.foreign;
  return { protocol, site: site.name, serverName, host, port, tls: door.tls, trust };
}
