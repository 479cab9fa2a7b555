/**
 * A back end's configuration: one site, its volume, and the ports of its workers. Names are
 * Exchange's where Exchange has them.
 */
import { mailAddressSchema } from '@homeward/directory';
import { ldapSchema } from '@homeward/ldap';
import { clientAccessSchema, throttleSchema } from '@homeward/login-guards';
import {
  type DirectoryConfig,
  directorySchema,
  idleLimitsSchema,
  type KeyHelp,
  type LoggingConfig,
  loggingSchema,
  type OpsConfig,
  opsSchema,
  portSchema,
  type ProxyProtocolConfig,
  proxyProtocolSchema,
  restart,
  type ServerTlsConfig,
  protocolLogSchema,
  serverTlsSchema,
  supervisorSchema,
  sessionLimitsSchema,
} from '@homeward/service';
import { findRelayProblem, relaySchema } from '@homeward/smart-hosts';
import { oauthSchema } from '@homeward/token-issuers';
import { z } from 'zod';
import { limitsSchema } from './limits-schema.ts';
import { type BackEndSettings, imapSettingsSchema, pop3SettingsSchema } from './settings.ts';
import { queueSchema } from './delivery/queue-schema.ts';
import { submissionSettingsSchema } from './submission/submission-settings.ts';

const help = (description: string, exchangeName?: string): KeyHelp =>
  exchangeName === undefined ? { description } : { description, exchangeName };

export interface WorkerAddressConfig {
  readonly host: string;
  readonly port: number;
}

/** One that people may reach themselves. */
export interface WorkerDoorConfig extends WorkerAddressConfig {
  /** Undefined: nobody says who else a client is. */
  readonly proxyProtocol?: ProxyProtocolConfig | undefined;
}

/** Ports of one worker process; the site's record in the directory names the same ones. */
export interface WorkerConfig {
  readonly imaps: WorkerDoorConfig;
  readonly pop3s: WorkerDoorConfig;
  /** For operators' tools, which show a certificate. */
  readonly control?: WorkerAddressConfig | undefined;
  /** Without TLS at the start; only together with `directLogin` or `plainFrontEnds`. */
  readonly imap?: WorkerDoorConfig | undefined;
  readonly pop3?: WorkerDoorConfig | undefined;
  readonly submissions?: WorkerDoorConfig | undefined;
  /** As `imap` and `pop3`. */
  readonly submission?: WorkerDoorConfig | undefined;
  /** For front ends and other workers, which show a certificate. */
  readonly lmtps?: WorkerAddressConfig | undefined;
}

/** Who may connect to the workers' control ports. */
export interface ControlConfig {
  readonly clientCaFile?: string | undefined;
  /** What this site shows at LMTP ports of other workers; both or neither. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Mailboxes of deleted accounts. */
export interface DeletedMailboxesConfig {
  readonly keepDays: number;
}

/** All of it, checked, with its defaults. */
export interface BackEndConfig extends BackEndSettings {
  readonly site: string;
  readonly volumeFolder: string;
  /** At the end of the process, for the sessions that are open. */
  readonly stopWindowSeconds: number;
  readonly workers: readonly WorkerConfig[];
  readonly supervisor: boolean;
  readonly tls: ServerTlsConfig;
  readonly directory: DirectoryConfig;
  readonly directLogin: boolean;
  readonly plainFrontEnds: boolean;
  readonly control: ControlConfig;
  readonly deletedMailboxes: DeletedMailboxesConfig;
  readonly logging: LoggingConfig;
  readonly ops: OpsConfig;
}

const addressSchema = z.strictObject({
  host: z.string().min(1).default('::').meta(help('Address to listen on.')),
  port: portSchema,
});

const doorSchema = addressSchema.extend({ proxyProtocol: proxyProtocolSchema });

const workerSchema = z.strictObject({
  imaps: doorSchema.meta(help('IMAP under TLS, for front ends.', 'ProxyTargetPort (1993)')),
  pop3s: doorSchema.meta(help('POP3 under TLS, for front ends.', 'ProxyTargetPort (1995)')),
  control: addressSchema
    .optional()
    .meta(
      help('For the homeward command: it must show a certificate; needs control.clientCaFile.'),
    ),
  imap: doorSchema.optional().meta(help('Plain IMAP; needs directLogin or plainFrontEnds.')),
  pop3: doorSchema.optional().meta(help('Plain POP3; needs directLogin or plainFrontEnds.')),
  submissions: doorSchema
    .optional()
    .meta(help('Submission under TLS, for front ends.', 'Client Proxy <server> (465)')),
  submission: doorSchema
    .optional()
    .meta(help('Plain submission; needs directLogin or plainFrontEnds.')),
  lmtps: addressSchema
    .optional()
    .meta(
      help(
        'LMTP under TLS, for mail from front ends and other workers: they must show a certificate; needs control.clientCaFile.',
        'Default Mailbox Delivery <server> (475)',
      ),
    ),
});

const PEOPLES_PORTS = ['imaps', 'pop3s', 'imap', 'pop3', 'submissions', 'submission'] as const;

/** The form of the file. Unknown names are refused: a misspelt one would be silently lost. */
export const backEndConfigSchema: z.ZodType<BackEndConfig> = z
  .strictObject({
    site: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9 and hyphen')
      .meta({
        ...help('The site that this is; the directory has its record.'),
        ...restart('everything here belongs to it'),
      }),
    volumeFolder: z
      .string()
      .min(1)
      .meta({ ...help('Where the mailboxes are.'), ...restart('they are open from the start on') }),
    stopWindowSeconds: z
      .number()
      .int()
      .min(0)
      .max(3_600)
      .default(15)
      .meta({
        ...help(
          'On SIGTERM sessions end spread over so many seconds, newcomers are turned away; a command under way gets 10 more.',
        ),
        ...restart('whoever ends the process must know how long it may take'),
      }),
    workers: z
      .array(workerSchema)
      .min(1)
      .max(256)
      .meta({
        ...help('One process for each entry.'),
        ...restart('processes and ports are made at the start'),
      }),
    supervisor: supervisorSchema,
    tls: serverTlsSchema,
    directory: directorySchema,
    directLogin: z
      .boolean()
      .default(false)
      .meta({
        ...help('Whether people may log in here without a front end.'),
        ...restart('what judges passwords is made at the start'),
      }),
    plainFrontEnds: z
      .boolean()
      .default(false)
      .meta({
        ...help(
          'Whether front ends may come to the plain ports, with tickets that are good for once: on a closed network only, who listens there reads the mail.',
        ),
        ...restart('plain ports are opened at the start'),
      }),
    idleLimits: idleLimitsSchema,
    limits: limitsSchema,
    mail: mailAddressSchema,
    control: z
      .strictObject({
        clientCaFile: z
          .string()
          .min(1)
          .optional()
          .meta(
            help(
              'PEM: who shows a certificate of this authority may care for mailboxes, or deliver mail.',
            ),
          ),
        certFile: z
          .string()
          .min(1)
          .optional()
          .meta(
            help(
              'PEM: this site’s own certificate, by which other workers take mail from it. Without it mail to them waits.',
            ),
          ),
        keyFile: z.string().min(1).optional().meta(help('The key of control.certFile.')),
      })
      .prefault({})
      .meta(restart('its ports are opened at the start')),
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
      .prefault({})
      .meta(restart('the job that removes them has it from the start')),
    imap: imapSettingsSchema,
    pop3: pop3SettingsSchema,
    submission: submissionSettingsSchema,
    queue: queueSchema,
    relay: relaySchema,
    oauth: oauthSchema.meta(help('Access tokens of foreign issuers, where directLogin is on.')),
    ldap: ldapSchema.meta(
      help('Accounts and passwords from LDAP, where directLogin is on; off without servers.'),
    ),
    throttle: throttleSchema,
    clientAccess: clientAccessSchema,
    connectionLimits: sessionLimitsSchema.meta(
      help('Sessions that people may have who log in here, where directLogin is on.'),
    ),
    protocolLog: protocolLogSchema,
    logging: loggingSchema,
    ops: opsSchema,
  })
  .superRefine((config, context) => {
    const { certFile, keyFile } = config.control;
    if ((certFile === undefined) !== (keyFile === undefined)) {
      const message = 'certificate and key belong together: give certFile and keyFile';
      context.addIssue({ code: 'custom', path: ['control'], message });
    }
    const relayProblem = findRelayProblem(config.relay);
    if (relayProblem !== undefined) {
      context.addIssue({ code: 'custom', path: ['relay'], message: relayProblem });
    }
    for (const [index, worker] of config.workers.entries()) {
      for (const port of ['control', 'lmtps'] as const) {
        if (worker[port] === undefined || config.control.clientCaFile !== undefined) continue;
        context.addIssue({
          code: 'custom',
          path: ['workers', index, port],
          message: 'whom to believe must be said: set control.clientCaFile',
        });
      }
      for (const port of PEOPLES_PORTS) {
        const mode = worker[port]?.proxyProtocol?.mode ?? 'off';
        if (config.directLogin || mode === 'off') continue;
        context.addIssue({
          code: 'custom',
          path: ['workers', index, port, 'proxyProtocol'],
          message:
            'load balancers are for people who log in here: set directLogin, or leave it out',
        });
      }
      if (config.plainFrontEnds || config.directLogin) continue;
      const plain = [worker.imap, worker.pop3, worker.submission];
      if (plain.every((port) => port === undefined)) continue;
      context.addIssue({
        code: 'custom',
        path: ['workers', index],
        message:
          'plain ports are for people who log in here, or for front ends on a closed network: set directLogin or plainFrontEnds, or leave them out',
      });
    }
  });
