/**
 * Pieces of which front end and back end make their configuration's schema. Names and
 * defaults are Exchange's where Exchange has them.
 */
import { z } from 'zod';
import { LOG_LEVELS, type LogLevel } from '../logging/index.ts';
import { help, reread, restart } from './key-help.ts';
import { portSchema, trustedNetworkSchema } from './listener-schema.ts';

export interface CertificateConfig {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ServerTlsConfig {
  readonly certificates: readonly CertificateConfig[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly handshakeLimitSeconds: number;
  readonly ticketKeysFile?: string | undefined;
}

/** What of it applies live. */
export type LiveTlsConfig = Pick<ServerTlsConfig, 'minVersion' | 'handshakeLimitSeconds'>;

const liveTlsShape = {
  minVersion: z
    .enum(['TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .meta(help('The oldest version of TLS that is accepted.')),
  handshakeLimitSeconds: z
    .number()
    .int()
    .min(1)
    .max(120)
    .default(15)
    .meta(help('Limit for a client’s TLS handshake.')),
};

/** The live settings by themselves. */
export const liveTlsSchema: z.ZodType<LiveTlsConfig> = z.strictObject(liveTlsShape).prefault({});

/** TLS towards those who connect. */
export const serverTlsSchema: z.ZodType<ServerTlsConfig> = z
  .strictObject({
    certificates: z
      .array(
        z.strictObject({
          certFile: z
            .string()
            .min(1)
            .meta(help('PEM file: the certificate, then its chain.', 'X509CertificateName')),
          keyFile: z.string().min(1).meta(help('PEM file: the private key, unencrypted.')),
        }),
      )
      .min(1)
      .meta({
        ...help('Chosen by the name that the client asks for; the first one is the default.'),
        ...reread,
      }),
    ...liveTlsShape,
    ticketKeysFile: z
      .string()
      .min(1)
      .optional()
      .meta({
        ...help(
          'File of 48 random octets, the same on all hosts behind one name, so that a client resumes its TLS session at any of them, and a password that was right at one of them within a day costs the others no hash. Make a new one daily: openssl rand -out FILE 48.',
        ),
        ...reread,
      }),
  })
  .meta(help('TLS towards clients. New files are picked up without a restart.'));

export type DirectoryConfig =
  | {
      readonly driver: 'redis';
      readonly url: string;
      readonly passwordFile?: string | undefined;
      readonly sentinelPasswordFile?: string | undefined;
      readonly caFile?: string | undefined;
      readonly keyPrefix: string;
    }
  | { readonly driver: 'embedded'; readonly path: string };

const REDIS_URL = /^rediss?(?:\+sentinel|\+cluster)?:\/\//;

const redisDirectorySchema = z.strictObject({
  driver: z.literal('redis').meta(help('Redis, for more than one host.')),
  url: z
    .string()
    .check((context) => {
      if (REDIS_URL.test(context.value)) return;
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: 'is no address of a Redis',
        params: { remedy: 'Write it like redis://10.0.0.7:6379/0, or rediss:// for TLS.' },
      });
    })
    .meta(
      help(
        'redis://host:port/0, or rediss:// with TLS; redis+sentinel://host,host/name/0; redis+cluster://host,host; without the password.',
      ),
    ),
  passwordFile: z.string().min(1).optional().meta(help('File that holds the password.')),
  sentinelPasswordFile: z
    .string()
    .min(1)
    .optional()
    .meta(help('File that holds the password of the Sentinels, if they have one.')),
  caFile: z.string().min(1).optional().meta(help('PEM file of the authority to trust.')),
  keyPrefix: z
    .string()
    .regex(/^[A-Za-z0-9_.-]*$/)
    .default('homeward')
    .meta(help('Before every key, so that deployments can share a Redis.')),
});
const embeddedDirectorySchema = z.strictObject({
  driver: z.literal('embedded').meta(help('One file, for a single host.')),
  path: z
    .string()
    .min(1)
    .meta({ ...help('The file; it is made when it is not there.'), isPath: true }),
});

/** Where the accounts are. */
export const directorySchema: z.ZodType<DirectoryConfig> = z
  .discriminatedUnion('driver', [redisDirectorySchema, embeddedDirectorySchema])
  .meta({
    ...help('Where accounts, sites and settings are kept.'),
    ...restart('its connections, and what is known from it, are for the life of the process'),
  });

export interface LoggingConfig {
  readonly level: LogLevel;
  readonly format: 'auto' | 'json' | 'pretty';
}

/** What of it applies live. */
export type LiveLoggingConfig = Pick<LoggingConfig, 'level'>;

const liveLoggingShape = {
  level: z
    .enum(LOG_LEVELS)
    .default('info')
    .meta(help('The quietest events that are logged.', 'ProtocolLogEnabled')),
};

/** The live settings by themselves. */
export const liveLoggingSchema: z.ZodType<LiveLoggingConfig> = z
  .strictObject(liveLoggingShape)
  .prefault({});

export const loggingSchema: z.ZodType<LoggingConfig> = z
  .strictObject({
    ...liveLoggingShape,
    format: z
      .enum(['auto', 'json', 'pretty'])
      .default('auto')
      .meta({
        ...help('JSON lines, or for people; auto is for people on a terminal.'),
        ...restart('who reads the log would find both in one stream'),
      }),
  })
  .prefault({});

export interface OpsConfig {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
}

export const opsSchema: z.ZodType<OpsConfig> = z
  .strictObject({
    enabled: z.boolean().default(false).meta(help('Whether the ops port is open.')),
    host: z.string().min(1).default('127.0.0.1').meta(help('Keep this on a private network.')),
    port: portSchema.default(9_600),
  })
  .prefault({})
  .meta(restart('its port is opened before everything else, to tell of the start'));

/** Of who takes logins. */
export interface SessionLimitsConfig {
  readonly perAddress: number;
  readonly perUser: number;
  readonly exemptNetworks: readonly string[];
}

export interface ConnectionLimitsConfig extends SessionLimitsConfig {
  readonly total: number;
}

const limitSchema = z.number().int().min(1).max(2_147_483_647);

const sessionLimitsShape = {
  perAddress: limitSchema
    .default(2_147_483_647)
    .meta(
      help(
        'Open connections from one address (of IPv6: from one /64): logged in or not at one front-end worker, logged in over all front ends.',
        'MaxConnectionFromSingleIP',
      ),
    ),
  perUser: limitSchema
    .default(16)
    .meta(help('Sessions of one account, over all front ends.', 'MaxConnectionsPerUser')),
  exemptNetworks: z
    .array(trustedNetworkSchema)
    .max(256)
    .default([])
    .meta(
      help(
        'Networks for whose clients perAddress and perUser do not hold: webmail, whose users share an address. Their sessions count all the same.',
      ),
    ),
};

/** The section `connectionLimits` of who counts sessions alone. */
export const sessionLimitsSchema: z.ZodType<SessionLimitsConfig> = z
  .strictObject(sessionLimitsShape)
  .prefault({});

export const connectionLimitsSchema: z.ZodType<ConnectionLimitsConfig> = z
  .strictObject({
    total: limitSchema
      .default(2_147_483_647)
      .meta(help('Open connections, logged in or not, of one front-end worker.', 'MaxConnections')),
    ...sessionLimitsShape,
  })
  .prefault({});

export interface IdleLimitsConfig {
  readonly preAuthenticatedSeconds: number;
  readonly authenticatedSeconds: number;
}

export const idleLimitsSchema: z.ZodType<IdleLimitsConfig> = z
  .strictObject({
    preAuthenticatedSeconds: z
      .number()
      .int()
      .min(1)
      .max(3_600)
      .default(60)
      .meta(
        help(
          'All the time that there is for a login, busy or silent.',
          'PreAuthenticatedConnectionTimeout',
        ),
      ),
    authenticatedSeconds: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .default(1_800)
      .meta(help('Silence after login.', 'AuthenticatedConnectionTimeout')),
  })
  .prefault({});

/** The key `supervisor` of services. */
export const supervisorSchema: z.ZodType<boolean> = z
  .boolean()
  .default(false)
  .meta({
    ...help(
      'Whether a worker that is alone has a supervisor, as several have: a process of some 70 MB that starts it again when it ends, or is frozen.',
    ),
    ...restart('processes are made at the start'),
  });
