import { describe, expect, it } from 'vitest';
import { tokenIssuersSchema } from './issuer-schema.ts';
import { hintOfIssuers } from './token-hint.ts';

const LEAST = {
  issuer: 'https://id.example/',
  jwksUri: 'https://id.example/keys',
  audiences: ['m'],
};

describe('tokenIssuersSchema', () => {
  it('has defaults for all that may be left out', () => {
    expect(tokenIssuersSchema.parse([LEAST])).toMatchObject([
      { scopes: [], nameClaim: 'email', algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    ]);
  });

  it.each<[claim: string, issuers: readonly unknown[]]>([
    ['keys over plain HTTP', [{ ...LEAST, jwksUri: 'http://id.example/keys' }]],
    ['no keys', [{ ...LEAST, jwksUri: undefined }]],
    ['keys from two places', [{ ...LEAST, jwksFile: 'keys.json' }]],
    ['no audience', [{ ...LEAST, audiences: [] }]],
    ['a shared key', [{ ...LEAST, algorithms: ['HS256'] }]],
    ['no signature', [{ ...LEAST, algorithms: ['none'] }]],
    ['a key that is misspelt', [{ ...LEAST, audience: 'm' }]],
    ['an issuer twice', [LEAST, LEAST]],
  ])('refuses %s', (_claim, issuers) => {
    expect(tokenIssuersSchema.safeParse(issuers).success).toBe(false);
  });
});

describe('hintOfIssuers()', () => {
  it.each([
    [{}, undefined, 'https://id.example/.well-known/openid-configuration'],
    [{ scopes: ['a', 'b'] }, 'a b', 'https://id.example/.well-known/openid-configuration'],
    [{ openidConfiguration: 'https://x.example/c' }, undefined, 'https://x.example/c'],
    [{ issuer: 'urn:x' }, undefined, undefined],
  ])('tells what a client needs, with %j', (change, scope, openidConfiguration) => {
    const issuers = tokenIssuersSchema.parse([{ ...LEAST, ...change }]);
    expect(hintOfIssuers(issuers)).toEqual({ scope, openidConfiguration });
  });

  it('tells nothing without an issuer', () => {
    expect(hintOfIssuers([])).toEqual({ scope: undefined, openidConfiguration: undefined });
  });
});
