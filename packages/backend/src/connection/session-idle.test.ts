import { expect, it } from 'vitest';
import { findIdleSeconds } from './session-idle.ts';
import type { BackEndSettings } from '../settings.ts';

const settings = {
  submission: { idleSeconds: 600 },
  idleLimits: { authenticatedSeconds: 1_800 },
} as BackEndSettings;
const secret = { kind: 'password', setAtMs: 1 } as const;

it.each([
  ['submission', secret, 600],
  ['submission', undefined, 1_800],
  ['imap', secret, 1_800],
  ['pop3', undefined, 1_800],
] as const)('findIdleSeconds() of %s by %j is %i', (protocol, by, expected) => {
  expect(findIdleSeconds({ protocol, secret: by }, settings)).toBe(expected);
});
