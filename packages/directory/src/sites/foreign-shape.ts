/** The form of a foreign site in a stored record. */
import { z } from 'zod';
import type { ForeignSite } from './foreign-site.ts';

const doorShape = z.object({
  hosts: z.array(z.object({ host: z.string(), port: z.int() })),
  tls: z.enum(['implicit', 'starttls', 'none']),
});

/** Unknown kinds of login are not guessed at: such a record cannot be read. */
export const foreignShape: z.ZodType<ForeignSite> = z.object({
  imap: doorShape.optional(),
  pop3: doorShape.optional(),
  submission: doorShape.optional(),
  trust: z.object({
    ca: z.string().optional(),
    pins: z.array(z.string()).optional(),
    clientCertificate: z.string().optional(),
  }),
  login: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('ticket') }),
    z.object({
      kind: z.literal('master'),
      user: z.string(),
      secret: z.string(),
      form: z.enum(['authzid', 'joined']),
      separator: z.string().optional(),
    }),
    z.object({ kind: z.literal('pass-through') }),
  ]),
  loginName: z.string(),
  clientIdentity: z.enum(['none', 'protocol', 'proxy-v2']),
});
