/** The live settings by which addresses are read; the same in the section `mail` of both halves. */
import { z } from 'zod';
import {
  ACCEPTED_DOMAIN_LIMIT,
  type AcceptedDomains,
  isAcceptedDomainPattern,
} from './accepted-domains.ts';

export interface MailAddressSettings {
  readonly acceptedDomains: AcceptedDomains;
  /** One character, or none: then nothing is split off. */
  readonly detailSeparator: string;
}

/** Keys of the section `mail`. */
export const mailAddressShape: {
  readonly acceptedDomains: z.ZodDefault<z.ZodType<AcceptedDomains>>;
  readonly detailSeparator: z.ZodDefault<z.ZodString>;
} = {
  acceptedDomains: z
    .record(
      z.string().refine(isAcceptedDomainPattern, 'must be a domain, "*.domain" or "*"'),
      z.enum(['authoritative', 'internal-relay']),
    )
    .refine((domains) => Object.keys(domains).length <= ACCEPTED_DOMAIN_LIMIT, {
      message: `holds more than ${ACCEPTED_DOMAIN_LIMIT} domains`,
    })
    .default({})
    .meta({
      description:
        'Domains whose mail is ours, by name, "*.name" or "*": authoritative (an address that nobody has does not exist) or internal-relay (it may exist elsewhere). None: every address that the directory has is ours, others are elsewhere.',
      exchangeName: 'AcceptedDomain',
    }),
  detailSeparator: z
    .string()
    .regex(/^[-+_=.#~]?$/)
    .default('+')
    .meta({
      description:
        'What parts an address from a detail behind it: anna+shop@ is anna@. One of + - _ = . # ~, or empty for nothing. An address that somebody has as it is goes to him.',
    }),
};

/** The section `mail`, where it has nothing else. */
export const mailAddressSchema: z.ZodType<MailAddressSettings> = z
  .strictObject(mailAddressShape)
  .prefault({});
