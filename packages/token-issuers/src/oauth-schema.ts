/** The section `oauth` of the settings. */
import { z } from 'zod';
import { tokenIssuersSchema, type TokenIssuer } from './issuer-schema.ts';

export interface OauthSettings {
  readonly issuers: readonly TokenIssuer[];
}

/** Nobody is believed unless it says so. */
export const oauthSchema: z.ZodType<OauthSettings> = z
  .strictObject({
    issuers: tokenIssuersSchema
      .default([])
      .meta({ description: 'Whose access tokens are taken by OAUTHBEARER and XOAUTH2.' }),
  })
  .prefault({});
