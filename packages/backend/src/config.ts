/**
 * A back end's configuration: one site, its volume, and the ports of its workers. Names are
 * Exchange's where Exchange has them.
 */
import {
  type DirectoryConfig,
  directorySchema,
  type IdleLimitsConfig,
  idleLimitsSchema,
  type KeyHelp,
  type LoggingConfig,
  loggingSchema,
  type OpsConfig,
  opsSchema,
  portSchema,
  type ServerTlsConfig,
  protocolLogSchema,
  serverTlsSchema,
} from '@homeward/service';
import { z } from 'zod';
import { type BackEndSettings, pop3SettingsSchema } from './settings.ts';

const help = (description: string, exchangeName?: string): KeyHelp =>
  exchangeName === undefined ? { description } : { description, exchangeName };

export interface WorkerAddressConfig {
  readonly host: string;
  readonly port: number;
}

/** Ports of one worker process; the site's record in the directory names the same ones. */
export interface WorkerConfig {
  readonly imaps: WorkerAddressConfig;
  readonly pop3s: WorkerAddressConfig;
  /** For operators' tools, which show a certificate. */
  readonly control?: WorkerAddressConfig | undefined;
  /** Without TLS at the start; only together with `directLogin` or `plainFrontEnds`. */
  readonly imap?: WorkerAddressConfig | undefined;
  readonly pop3?: WorkerAddressConfig | undefined;
}

/** Bounds of what clients and mailboxes may take. */
export interface BackEndLimitsConfig {
  readonly imapCommandBytes: number;
  readonly pop3CommandBytes: number;
  readonly messageBytes: number;
  readonly mailboxBytes: number;
  readonly openMailboxes: number;
  readonly connectionsPerWorker: number;
}

/** Who may connect to the workers' control ports. */
export interface ControlConfig {
  readonly clientCaFile?: string | undefined;
}

/** Mailboxes of deleted accounts. */
export interface DeletedMailboxesConfig {
  readonly keepDays: number;
}

/** All of it, checked, with its defaults. */
export interface BackEndConfig extends BackEndSettings {
  readonly site: string;
  readonly volumeFolder: string;
  readonly workers: readonly WorkerConfig[];
  readonly tls: ServerTlsConfig;
  readonly directory: DirectoryConfig;
  readonly directLogin: boolean;
  readonly plainFrontEnds: boolean;
  readonly idleLimits: IdleLimitsConfig;
  readonly limits: BackEndLimitsConfig;
  readonly control: ControlConfig;
  readonly deletedMailboxes: DeletedMailboxesConfig;
  readonly logging: LoggingConfig;
  readonly ops: OpsConfig;
}

const addressSchema = z.strictObject({
  host: z.string().min(1).default('::').meta(help('Address to listen on.')),
  port: portSchema,
});

const workerSchema = z.strictObject({
  imaps: addressSchema.meta(help('IMAP under TLS, for front ends.', 'ProxyTargetPort (1993)')),
  pop3s: addressSchema.meta(help('POP3 under TLS, for front ends.', 'ProxyTargetPort (1995)')),
  control: addressSchema
    .optional()
    .meta(
      help('For the homeward command: it must show a certificate; needs control.clientCaFile.'),
    ),
  imap: addressSchema.optional().meta(help('Plain IMAP; needs directLogin or plainFrontEnds.')),
  pop3: addressSchema.optional().meta(help('Plain POP3; needs directLogin or plainFrontEnds.')),
});

const MEBIBYTE = 1_048_576;

const limitsSchema = z
  .strictObject({
    imapCommandBytes: z
      .int()
      .min(1_024)
      .max(MEBIBYTE)
      .default(65_536)
      .meta(help('One command behind login, its literals included.', 'MaxCommandSize')),
    pop3CommandBytes: z
      .int()
      .min(255)
      .max(8_192)
      .default(512)
      .meta(help('One command behind login.', 'MaxCommandSize')),
    messageBytes: z
      .int()
      .min(1_024)
      .max(1_024 * MEBIBYTE)
      .default(64 * MEBIBYTE)
      .meta(help('One message that is appended.', 'MaxMessageSize')),
    mailboxBytes: z
      .int()
      .min(MEBIBYTE)
      .default(100 * 1_024 * MEBIBYTE)
      .meta(help('All messages of one mailbox.', 'ProhibitSendReceiveQuota')),
    openMailboxes: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_000)
      .meta(help('Mailboxes open at once in a worker; each takes five file descriptors.')),
    connectionsPerWorker: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(50_000)
      .meta(help('Connections of one worker.', 'MaxConnections')),
  })
  .prefault({});

/** The form of the file. Unknown names are refused: a misspelt one would be silently lost. */
export const backEndConfigSchema: z.ZodType<BackEndConfig> = z
  .strictObject({
    site: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9 and hyphen')
      .meta(help('The site that this is; the directory has its record.')),
    volumeFolder: z.string().min(1).meta(help('Where the mailboxes are.')),
    workers: z.array(workerSchema).min(1).max(256).meta(help('One process for each entry.')),
    tls: serverTlsSchema,
    directory: directorySchema,
    directLogin: z
      .boolean()
      .default(false)
      .meta(help('Whether people may log in here without a front end.')),
    plainFrontEnds: z
      .boolean()
      .default(false)
      .meta(
        help(
          'Whether front ends may come to the plain ports, with tickets that are good for once: on a closed network only, who listens there reads the mail.',
        ),
      ),
    idleLimits: idleLimitsSchema,
    limits: limitsSchema,
    control: z
      .strictObject({
        clientCaFile: z
          .string()
          .min(1)
          .optional()
          .meta(help('PEM: who shows a certificate of this authority may care for mailboxes.')),
      })
      .prefault({}),
    deletedMailboxes: z
      .strictObject({
        keepDays: z
          .int()
          .min(0)
          .max(36_500)
          .default(30)
          .meta(
            help(
              'For how long the mailbox of a deleted account can be had back.',
              'MailboxRetention',
            ),
          ),
      })
      .prefault({}),
    pop3: pop3SettingsSchema,
    protocolLog: protocolLogSchema,
    logging: loggingSchema,
    ops: opsSchema,
  })
  .superRefine((config, context) => {
    for (const [index, worker] of config.workers.entries()) {
      if (worker.control !== undefined && config.control.clientCaFile === undefined) {
        context.addIssue({
          code: 'custom',
          path: ['workers', index, 'control'],
          message: 'whom to believe must be said: set control.clientCaFile',
        });
      }
      if (config.plainFrontEnds) continue;
      if (config.directLogin || (worker.imap === undefined && worker.pop3 === undefined)) continue;
      context.addIssue({
        code: 'custom',
        path: ['workers', index],
        message:
          'plain ports are for people who log in here, or for front ends on a closed network: set directLogin or plainFrontEnds, or leave them out',
      });
    }
  });
