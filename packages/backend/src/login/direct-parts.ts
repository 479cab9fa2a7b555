/** What people's own logins at a back end need of the rest of the program. */
import type {
  AccountId,
  DirectoryView,
  PasswordService,
  Protocol,
  ScramJudge,
  SiteName,
} from '@homeward/directory';
import type { LdapAccounts } from '@homeward/ldap';
import type { ClientAccess, LoginGate, ProtocolSettings } from '@homeward/login-guards';
import type { Clock } from '@homeward/service';
import type { TokenJudge } from '@homeward/token-issuers';

export interface DirectLoginParts {
  readonly site: SiteName;
  /** Those in force. */
  readonly settingsOf: (protocol: Protocol) => Pick<ProtocolSettings, 'enabled' | 'loginType'>;
  /** By normalised login name; whom the directory does not know LDAP may. */
  readonly accounts: Pick<DirectoryView, 'lookUpLogin'>;
  readonly access: ClientAccess;
  readonly gate: LoginGate;
  readonly passwords: Pick<PasswordService, 'isRemembered' | 'verifyPassword'>;
  readonly scram: Pick<ScramJudge, 'findParameters' | 'verify'>;
  readonly ldap: Pick<LdapAccounts, 'authenticate' | 'confirm' | 'isRemembered'>;
  readonly tokens: Pick<TokenJudge, 'judge'>;
  /** Returns at once. */
  readonly noteAppPasswordUse: (id: AccountId, appPasswordId: string) => void;
  readonly makeConversationId: () => string;
  readonly clock: Pick<Clock, 'after' | 'elapsedMs'>;
}
