/** What an operator says of an issuer whose access tokens are taken. */
import { z } from 'zod';

/**
 * Signatures that only the issuer can make. None with a shared key: whoever has an issuer's
 * public key would else sign with it (RFC 8725 §2.1).
 */
export const ISSUER_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

export type IssuerAlgorithm = (typeof ISSUER_ALGORITHMS)[number];

export interface TokenIssuer {
  readonly issuer: string;
  readonly jwksUri?: string | undefined;
  readonly jwksFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  readonly nameClaim: string;
  readonly domains: readonly string[];
  readonly algorithms: readonly IssuerAlgorithm[];
  readonly clockToleranceSeconds: number;
  readonly openidConfiguration?: string | undefined;
}

const secureUrl = z.url({ protocol: /^https$/u, error: 'is no URL with https://' });

const tokenIssuerSchema: z.ZodType<TokenIssuer> = z
  .strictObject({
    issuer: z
      .string()
      .min(1)
      .max(1024)
      .meta({ description: 'Exactly what its tokens say in "iss".' }),
    jwksUri: secureUrl.optional().meta({ description: 'https URL of its keys (a JWK Set).' }),
    jwksFile: z.string().min(1).optional().meta({
      description: 'File with its keys instead; read again when it changes.',
      isPath: true,
    }),
    caFile: z.string().min(1).optional().meta({
      description: 'PEM file of the authority behind jwksUri, if it is none of the public ones.',
      isPath: true,
    }),
    audiences: z
      .array(z.string().min(1).max(1024))
      .min(1)
      .max(32)
      .meta({ description: 'A token must be for one of these ("aud").' }),
    scopes: z
      .array(z.string().min(1).max(256))
      .max(32)
      .default([])
      .meta({ description: 'A token must have all of these ("scope" or "scp").' }),
    nameClaim: z
      .string()
      .min(1)
      .max(128)
      .default('email')
      .meta({ description: 'Claim with a login name of the account.' }),
    domains: z
      .array(z.string().regex(/^[a-z0-9.-]+$/u))
      .max(1000)
      .default([])
      .meta({
        description:
          'Names must be single addresses of these domains; empty: the issuer may name every account.',
      }),
    algorithms: z
      .array(z.enum(ISSUER_ALGORITHMS))
      .min(1)
      .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
      .meta({ description: 'Signatures that are taken.' }),
    clockToleranceSeconds: z.number().int().min(0).max(300).default(30).meta({
      description: 'How far its clock may be ahead, where a token says from when it is valid.',
    }),
    openidConfiguration: secureUrl.optional().meta({
      description: 'Told to clients whose token is refused; by default made of the issuer’s URL.',
    }),
  })
  .refine(({ jwksUri, jwksFile }) => (jwksUri === undefined) !== (jwksFile === undefined), {
    message: 'needs either jwksUri or jwksFile',
  });

/** All issuers; each once. */
export const tokenIssuersSchema: z.ZodType<readonly TokenIssuer[]> = z
  .array(tokenIssuerSchema)
  .max(32)
  .refine((issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length, {
    message: 'names an issuer twice',
  });
