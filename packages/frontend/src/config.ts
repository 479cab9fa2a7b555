/**
 * The front end's configuration file: where to listen, whom to trust, where the directory is.
 * What may change while the front end runs is in `settings.ts`; the file gives the values to
 * start with.
 */
import { z } from 'zod';
import { SETTING_FORMS, type SettingValues } from './settings.ts';

/** One address to listen on. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose; for tests, and never with more than one worker. */
  readonly port: number;
}

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export type DirectoryConfig =
  | {
      readonly redisUrl: string;
      /** A Redis that may be lost, for live sessions. */
      readonly sessionUrl: string | undefined;
      readonly keyPrefix: string | undefined;
    }
  | { readonly embeddedFile: string };

/** All of it, checked, with its defaults. */
export interface FrontEndConfig extends SettingValues {
  readonly name: string;
  readonly listeners: Readonly<
    Record<'imap' | 'imaps' | 'pop3' | 'pop3s', readonly ListenAddress[]>
  >;
  readonly tls: { readonly certificates: readonly CertificateFiles[] };
  readonly home: {
    readonly caFile: string;
    readonly warmConnectionsPerWorker: number;
  };
  readonly ticketKey: { readonly id: string; readonly file: string };
  readonly directory: DirectoryConfig;
  readonly workers: number;
}

/** `host:port`, `[v6]:port`; several are a list. */
const listenAddress = z.string().transform((text, context): ListenAddress => {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s[\]:]+)):(\d{1,5})$/u.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host !== undefined && port <= 65_535) return { host, port };
  context.addIssue('must be an address and a port, such as "0.0.0.0:993" or "[::]:993"');
  return z.NEVER;
});

function listenerForm(exchangeName: string): z.ZodDefault<z.ZodType<readonly ListenAddress[]>> {
  return z
    .union([listenAddress.transform((address) => [address]), z.array(listenAddress).max(64)])
    .default([])
    .describe(`Exchange: ${exchangeName}. Off unless given; "0.0.0.0:993" or a list`);
}

const directoryForm = z.union([
  z
    .strictObject({
      redis: z.strictObject({
        url: z.string().min(1),
        sessionUrl: z.string().min(1).optional(),
        keyPrefix: z.string().min(1).optional(),
      }),
    })
    .transform(({ redis }): DirectoryConfig => ({
      redisUrl: redis.url,
      sessionUrl: redis.sessionUrl,
      keyPrefix: redis.keyPrefix,
    })),
  z
    .strictObject({ embedded: z.strictObject({ file: z.string().min(1) }) })
    .transform(({ embedded }): DirectoryConfig => ({ embeddedFile: embedded.file })),
]);

/** The form of the file. Unknown names are refused: a misspelt one would be silently lost. */
export const FRONT_END_CONFIG: z.ZodType<FrontEndConfig> = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/u, 'must be 1 to 63 of a-z, 0-9 and hyphen')
      .default('frontend')
      .describe('Tells front ends apart in logs and in the session registry'),
    listeners: z
      .strictObject({
        imap: listenerForm('UnencryptedOrTLSBindings of Set-ImapSettings'),
        imaps: listenerForm('SSLBindings of Set-ImapSettings'),
        pop3: listenerForm('UnencryptedOrTLSBindings of Set-PopSettings'),
        pop3s: listenerForm('SSLBindings of Set-PopSettings'),
      })
      .prefault({}),
    tls: z.strictObject({
      certificates: z
        .array(z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }))
        .min(1)
        .describe('Exchange: X509CertificateName. PEM files; chosen by the name asked for (SNI)'),
    }),
    home: z.strictObject({
      caFile: z
        .string()
        .min(1)
        .describe("The deployment's own authority: no other certificate of a site is believed"),
      warmConnectionsPerWorker: z
        .int()
        .min(0)
        .max(256)
        .default(8)
        .describe('Connections kept ready for each worker of a site, as far as there is demand'),
    }),
    ticketKey: z.strictObject({
      id: z.string().min(1).max(64).describe('Under which the directory has the public half'),
      file: z.string().min(1).describe('PKCS#8 PEM of the Ed25519 key; secret'),
    }),
    directory: directoryForm.describe('redis: { url } or embedded: { file }'),
    workers: z.int().min(1).max(256).default(1).describe('Processes; 1 runs without supervisor'),
    ...SETTING_FORMS,
  })
  .superRefine((config, context) => {
    const { imap, imaps, pop3, pop3s } = config.listeners;
    const addresses = [...imap, ...imaps, ...pop3, ...pop3s];
    if (addresses.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['listeners'],
        message: 'nothing is listened on: give at least one of imap, imaps, pop3, pop3s',
      });
    }
    if (config.workers > 1 && addresses.some(({ port }) => port === 0)) {
      context.addIssue({
        code: 'custom',
        path: ['workers'],
        message: 'with more than one worker each port must be given: port 0 differs in each',
      });
    }
  });
