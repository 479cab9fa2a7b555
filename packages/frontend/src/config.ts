/**
 * The front end's configuration: where to listen, whom to trust, where the directory is. What
 * can change while the front end runs (`settings.ts`) starts with the values given here. Names
 * and defaults are Exchange's where Exchange has them.
 */
import { mailAddressSchema, type MailAddressSettings, SECRET_NAME } from '@homeward/directory';
import { ldapSchema, type LdapSettings } from '@homeward/ldap';
import {
  clientAccessSchema,
  type ClientAccessSettings,
  IMAP_SHAPE,
  POP3_SHAPE,
  type ProtocolSettings,
  SUBMISSION_SHAPE,
  throttleSchema,
  type ThrottleSettings,
} from '@homeward/login-guards';
import {
  clientListenerSchema,
  connectionLimitsSchema,
  directorySchema,
  idleLimitsSchema,
  loggingSchema,
  opsSchema,
  pop3PolicyShape,
  protocolLogSchema,
  serverTlsSchema,
  supervisorSchema,
  type ClientListenerConfig,
  type ConnectionLimitsConfig,
  type DirectoryConfig,
  type IdleLimitsConfig,
  type LoggingConfig,
  type OpsConfig,
  type Pop3PolicySettings,
  type ProtocolLogSettings,
  type ServerTlsConfig,
  type SubmissionPolicySettings,
  submissionPolicyShape,
  liveLoggingSchema,
  type LiveLoggingConfig,
  liveTlsSchema,
  type LiveTlsConfig,
  reread,
  restart,
} from '@homeward/service';
import { oauthSchema, type OauthSettings } from '@homeward/token-issuers';
import { z } from 'zod';
import { drainingSchema, type DrainingConfig } from './draining-schema.ts';
import {
  findLmtpProblems,
  LMTP_DOORS_SHAPE,
  LMTP_SHAPE,
  type LmtpConfig,
  type LmtpSettings,
} from './lmtp/lmtp-settings.ts';
import type { MailProtocol } from './login/ports.ts';

/** Those of POP3. */
export interface Pop3Settings extends ProtocolSettings, Pop3PolicySettings {}

/** Those of submission. */
export interface SubmissionSettings extends ProtocolSettings, SubmissionPolicySettings {
  /** Of silence behind the login; elsewhere `idleLimits.authenticatedSeconds` says it. */
  readonly idleSeconds: number;
}

/** What can change while the front end runs. */
export interface SettingValues {
  readonly throttle: ThrottleSettings;
  readonly clientAccess: ClientAccessSettings;
  readonly imap: ProtocolSettings;
  readonly pop3: Pop3Settings;
  readonly submission: SubmissionSettings;
  readonly oauth: OauthSettings;
  readonly connectionLimits: ConnectionLimitsConfig;
  readonly idleLimits: IdleLimitsConfig;
  readonly protocolLog: ProtocolLogSettings;
  readonly draining: DrainingConfig;
  readonly ldap: LdapSettings;
  readonly mail: MailAddressSettings;
  readonly lmtp: LmtpSettings;
  readonly tls: LiveTlsConfig;
  readonly homes: Pick<HomesConfig, 'warmConnectionsPerWorker' | 'warmConnectionsPerForeignHost'>;
  readonly logging: LiveLoggingConfig;
}

/** A protocol is off as long as it has no listener. */
export type ProtocolConfig<Settings extends ProtocolSettings = ProtocolSettings> = Settings & {
  readonly listeners: readonly ClientListenerConfig[];
};

/** What a front end needs to go to sites. */
export interface HomesConfig {
  readonly caFile: string;
  readonly warmConnectionsPerWorker: number;
  readonly warmConnectionsPerForeignHost: number;
  readonly probes: boolean;
  readonly tls: 'required' | 'none';
  readonly secrets: Readonly<Record<string, { readonly passwordFile: string }>>;
  readonly clientCertificates: Readonly<
    Record<string, { readonly certFile: string; readonly keyFile: string }>
  >;
}

export interface FrontEndConfig extends SettingValues {
  readonly name: string;
  readonly imap: ProtocolConfig;
  readonly pop3: ProtocolConfig<Pop3Settings>;
  readonly submission: ProtocolConfig<SubmissionSettings>;
  readonly lmtp: LmtpConfig;
  readonly tls: ServerTlsConfig;
  readonly homes: HomesConfig;
  /** The certificate for control ports of sites; its authority is `homes.caFile`. */
  readonly control?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly ticket: { readonly keyId?: string | undefined; readonly keyFile: string };
  readonly directory: DirectoryConfig;
  readonly workers: number;
  readonly supervisor: boolean;
  /** How long clients have to leave when the process is told to stop. */
  readonly stopWindowSeconds: number;
  readonly logging: LoggingConfig;
  readonly ops: OpsConfig;
}

const POP3_KEYS = { ...POP3_SHAPE, ...pop3PolicyShape };
const SUBMISSION_KEYS = {
  ...SUBMISSION_SHAPE,
  ...submissionPolicyShape,
};

const LISTENERS_SHAPE = {
  listeners: z
    .array(clientListenerSchema)
    .max(64)
    .default([])
    .meta({
      description: 'Where to listen; the protocol is off without any.',
      ...restart('workers share ports, which they open together at the start'),
    }),
};

const LIVE_HOMES_SHAPE = {
  warmConnectionsPerWorker: z
    .number()
    .int()
    .min(0)
    .max(256)
    .default(8)
    .meta({ description: 'Connections kept ready for each worker of a site, if there is demand.' }),
  warmConnectionsPerForeignHost: z.number().int().min(0).max(16).default(0).meta({
    description:
      'Connections that each process keeps ready for each host of a site that runs other software, if there is demand; 0: none.',
  }),
};

/** The live settings by themselves, as one section each. */
export const SETTING_FORMS: {
  readonly [Name in keyof SettingValues]: z.ZodType<SettingValues[Name]>;
} = {
  imap: z.strictObject(IMAP_SHAPE),
  pop3: z.strictObject(POP3_KEYS),
  submission: z.strictObject(SUBMISSION_KEYS),
  oauth: oauthSchema,
  connectionLimits: connectionLimitsSchema,
  idleLimits: idleLimitsSchema,
  protocolLog: protocolLogSchema,
  draining: drainingSchema,
  throttle: throttleSchema,
  clientAccess: clientAccessSchema,
  ldap: ldapSchema,
  mail: mailAddressSchema,
  lmtp: z.strictObject(LMTP_SHAPE).prefault({}),
  tls: liveTlsSchema,
  homes: z.strictObject(LIVE_HOMES_SHAPE).prefault({}),
  logging: liveLoggingSchema,
};

/** Unknown keys are refused: a misspelt one would silently be lost. */
export const FRONT_END_CONFIG: z.ZodType<FrontEndConfig> = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/u)
      .default('frontend')
      .meta({
        description: 'Tells front ends apart: 1 to 63 of a-z, 0-9 and hyphen.',
        ...restart('sessions are counted under it'),
      }),
    imap: z.strictObject({ ...LISTENERS_SHAPE, ...IMAP_SHAPE }).prefault({}),
    pop3: z.strictObject({ ...LISTENERS_SHAPE, ...POP3_KEYS }).prefault({}),
    submission: z.strictObject({ ...LISTENERS_SHAPE, ...SUBMISSION_KEYS }).prefault({}),
    lmtp: z
      .strictObject({ ...LMTP_DOORS_SHAPE, ...LMTP_SHAPE })
      .prefault({})
      .meta({ description: 'Mail from MTAs, for mailboxes of all sites.' }),
    oauth: oauthSchema.meta({ description: 'Access tokens of foreign issuers.' }),
    tls: serverTlsSchema,
    homes: z
      .strictObject({
        caFile: z
          .string()
          .min(1)
          .meta({
            description: 'PEM file of the deployment’s own authority; nothing else is believed.',
            ...restart('warm connections were made by it'),
          }),
        ...LIVE_HOMES_SHAPE,
        probes: z
          .boolean()
          .default(true)
          .meta({
            description:
              'Whether hosts of sites are connected to now and then, to see whether they answer; else logins find out.',
            ...restart('what is known of hosts is gathered so from the start'),
          }),
        tls: z
          .enum(['required', 'none'])
          .default('required')
          .meta({
            description:
              'Whether connections to sites of our own are encrypted. none: not where the site’s record names plain ports, for closed networks; who listens there reads the mail, not the passwords.',
            ...restart('warm connections were made so'),
          }),
        secrets: z
          .record(
            z.string().regex(SECRET_NAME),
            z.strictObject({
              passwordFile: z
                .string()
                .min(1)
                .meta({ description: 'File that holds the password; read anew when it changes.' }),
            }),
          )
          .default({})
          .meta({
            description:
              'Passwords of master users at sites of other software, by the names that site records use.',
            ...reread,
          }),
        clientCertificates: z
          .record(
            z.string().regex(SECRET_NAME),
            z.strictObject({
              certFile: z
                .string()
                .min(1)
                .meta({ description: 'PEM file: the certificate, then its chain.' }),
              keyFile: z
                .string()
                .min(1)
                .meta({ description: 'PEM file: the private key, unencrypted.' }),
            }),
          )
          .default({})
          .meta({
            description:
              'Certificates that are shown to sites of other software, by the names that site records use.',
            ...restart('they are read once'),
          }),
      })
      .meta({ description: 'The sites that hold the mailboxes.' }),
    control: z
      .strictObject({
        certFile: z.string().min(1).meta({
          description: 'PEM file of this front end’s certificate for control ports.',
        }),
        keyFile: z.string().min(1).meta({ description: 'PEM file of its key; secret.' }),
      })
      .optional()
      .meta({
        description:
          'By it sites are asked to end sessions between two commands; without it they end when what both sides said last shows that nothing is under way.',
        ...restart('it is read once'),
      }),
    ticket: z
      .strictObject({
        keyId: z.string().min(1).max(64).optional().meta({
          description:
            'Name under which the directory has the public half; computed from the key if left out.',
        }),
        keyFile: z
          .string()
          .min(1)
          .meta({ description: 'PEM file of the Ed25519 key (PKCS#8); secret.' }),
      })
      .meta({
        description: 'The key that opens mailboxes at their homes; one per front end.',
        ...restart('it is read once'),
      }),
    directory: directorySchema,
    stopWindowSeconds: z
      .number()
      .int()
      .min(0)
      .max(3_600)
      .default(15)
      .meta({
        description:
          'On SIGTERM clients leave spread over so many seconds, of which load balancers have a third to see it; a command under way gets 10 more.',
        ...restart('whoever ends the process must know how long it may take'),
      }),
    workers: z
      .number()
      .int()
      .min(1)
      .max(256)
      .default(1)
      .meta({
        description: 'Processes that share the ports; 1 has a supervisor only with `supervisor`.',
        ...restart('workers share ports, which they open together at the start'),
      }),
    supervisor: supervisorSchema,
    connectionLimits: connectionLimitsSchema,
    idleLimits: idleLimitsSchema,
    protocolLog: protocolLogSchema,
    draining: drainingSchema,
    throttle: throttleSchema,
    clientAccess: clientAccessSchema,
    ldap: ldapSchema.meta({
      description: 'Accounts and passwords from LDAP; off without servers.',
    }),
    mail: mailAddressSchema.meta({ description: 'Addresses of mail.' }),
    logging: loggingSchema,
    ops: opsSchema,
  })
  .check((context) => {
    for (const problem of findContradictions(context.value)) {
      context.issues.push({ code: 'custom', input: context.value, ...problem });
    }
  });

function findContradictions({
  imap,
  pop3,
  submission,
  lmtp,
  control,
  workers,
}: Pick<FrontEndConfig, MailProtocol | 'lmtp' | 'control' | 'workers'>): readonly {
  readonly path: string[];
  readonly message: string;
  readonly params: { readonly remedy: string };
}[] {
  const listeners = [imap, pop3, submission].flatMap((protocol) => protocol.listeners);
  const ports = [...listeners, ...lmtp.listeners].map(({ port }) => port);
  if (ports.length === 0) {
    return [
      {
        path: ['imap', 'listeners'],
        message: 'is empty, and so is that of pop3 and submission: nobody could connect',
        params: { remedy: 'Give at least one, such as { port: 993, tls: implicit }.' },
      },
    ];
  }
  if (workers > 1 && ports.includes(0)) {
    return [
      {
        path: ['workers'],
        message: 'is more than 1 while a port is 0, which each worker would choose for itself',
        params: { remedy: 'Give each listener a port.' },
      },
    ];
  }
  return findLmtpProblems(lmtp, control !== undefined);
}
