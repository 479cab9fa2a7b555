/** The files that a smart host's settings name, read for each new connection: renewals apply. */
import { readFile } from 'node:fs/promises';
import type { ClientTls, ClientTlsOptions } from '@homeward/net';
import { readSecretFile } from '@homeward/service';
import { HostFailure } from './host-failure.ts';
import type { SmartHostSettings } from './relay-settings.ts';

/** Throws when the PEM is of no use. */
export type CreateTls = (options: ClientTlsOptions) => ClientTls;

/** @returns Undefined without TLS. @throws HostFailure */
export async function readTrust(
  host: SmartHostSettings,
  createTls: CreateTls,
): Promise<ClientTls | undefined> {
  const { tls, caFile, pins } = host;
  if (tls === 'off') return undefined;
  const ownless = pins.length > 0 ? 'pins-only' : 'public';
  return orFailure('tls', 'caFile', async () => {
    const ca = caFile === '' ? ownless : await readFile(caFile, 'utf8');
    return createTls({ ca, pins, sessionCacheEntries: 0 });
  });
}

/** @returns Undefined if nobody logs in. @throws HostFailure */
export async function readLogin(
  host: SmartHostSettings,
): Promise<{ user: string; pass: string } | undefined> {
  const { user, passwordFile, tls } = host;
  if (user === '') return undefined;
  if (tls === 'off') throw new HostFailure('login', 'no password goes anywhere without TLS');
  return orFailure('login', 'passwordFile', async () => {
    return { user, pass: await readSecretFile(passwordFile) };
  });
}

async function orFailure<Result>(
  reason: 'tls' | 'login',
  key: string,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'wrong content';
    throw new HostFailure(reason, `${key} is of no use: ${why}`, { cause: error });
  }
}
