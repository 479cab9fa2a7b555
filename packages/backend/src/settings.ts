/**
 * What can change while a back end runs: the sections of its configuration that the directory's
 * settings document overrides, live. Names are Exchange's where Exchange has them.
 */
import { mailAddressSchema, type MailAddressSettings } from '@homeward/directory';
import { ldapSchema, type LdapSettings } from '@homeward/ldap';
import {
  clientAccessSchema,
  type ClientAccessSettings,
  IMAP_SHAPE,
  POP3_SHAPE,
  type ProtocolSettings,
  throttleSchema,
  type ThrottleSettings,
} from '@homeward/login-guards';
import {
  help,
  type IdleLimitsConfig,
  idleLimitsSchema,
  type LiveLoggingConfig,
  liveLoggingSchema,
  type LiveTlsConfig,
  liveTlsSchema,
  type Pop3PolicySettings,
  pop3PolicyShape,
  protocolLogSchema,
  sessionLimitsSchema,
  type SessionLimitsConfig,
  type ProtocolLogSettings,
  type SettingForms,
} from '@homeward/service';
import { type RelaySettings, relaySchema } from '@homeward/smart-hosts';
import { oauthSchema, type OauthSettings } from '@homeward/token-issuers';
import { z } from 'zod';
import { directShape } from './login/direct-shape.ts';
import { type QueueConfig, queueSchema } from './delivery/queue-schema.ts';
import {
  type SubmissionSettings,
  submissionSettingsSchema,
} from './submission/submission-settings.ts';
import { type BackEndLimitsConfig, limitsSchema } from './limits-schema.ts';

/** POP3. */
export interface Pop3Settings extends Pop3PolicySettings, ProtocolSettings {
  readonly messageRetrievalSortOrder: 'ascending' | 'descending';
}

/** All of them, by section. */
export interface BackEndSettings {
  readonly imap: ProtocolSettings;
  readonly pop3: Pop3Settings;
  readonly submission: SubmissionSettings;
  readonly queue: QueueConfig;
  readonly relay: RelaySettings;
  readonly oauth: OauthSettings;
  readonly ldap: LdapSettings;
  readonly throttle: ThrottleSettings;
  readonly clientAccess: ClientAccessSettings;
  readonly connectionLimits: SessionLimitsConfig;
  readonly protocolLog: ProtocolLogSettings;
  readonly idleLimits: IdleLimitsConfig;
  readonly limits: BackEndLimitsConfig;
  readonly mail: MailAddressSettings;
  readonly tls: LiveTlsConfig;
  readonly logging: LiveLoggingConfig;
}

/** The form of the section `imap`, in the file and in the directory. */
export const imapSettingsSchema: z.ZodType<ProtocolSettings> = z
  .strictObject(directShape(IMAP_SHAPE))
  .prefault({});

/** The form of the section `pop3`, in the file and in the directory. */
export const pop3SettingsSchema: z.ZodType<Pop3Settings> = z
  .strictObject({
    ...pop3PolicyShape,
    ...directShape(POP3_SHAPE),
    messageRetrievalSortOrder: z
      .enum(['ascending', 'descending'])
      .default('ascending')
      .meta(
        help(
          'Whether message 1 is the oldest or the newest one, for sessions that begin from now on; unique-ids do not depend on it.',
          'MessageRetrievalSortOrder',
        ),
      ),
  })
  .prefault({});

/** The live settings by themselves, as one section each. */
export const BACK_END_SETTING_FORMS: SettingForms<BackEndSettings> = {
  imap: imapSettingsSchema,
  pop3: pop3SettingsSchema,
  submission: submissionSettingsSchema,
  queue: queueSchema,
  relay: relaySchema,
  oauth: oauthSchema,
  ldap: ldapSchema,
  throttle: throttleSchema,
  clientAccess: clientAccessSchema,
  connectionLimits: sessionLimitsSchema,
  protocolLog: protocolLogSchema,
  idleLimits: idleLimitsSchema,
  limits: limitsSchema,
  mail: mailAddressSchema,
  tls: liveTlsSchema,
  logging: liveLoggingSchema,
};
