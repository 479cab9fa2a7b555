import type { AccountRecord } from '@homeward/directory';
import type { DeliveryRequest, Transport } from '@homeward/mail-queue';
import { NO_MAIL_PARAMETERS, NO_RECIPIENT_PARAMETERS } from '@homeward/smtp/grammar';
import { expect, it } from 'vitest';
import { createMailTransport, type MailTransportParts } from './mail-transport.ts';

const HERE = { kind: 'worker', site: 'dublin', workerIndex: 0 } as const;
const NO_WAY: Transport = { deliver: () => Promise.reject(new Error('not to be used')) };
const REQUEST: DeliveryRequest = {
  reference: 'M1',
  sender: 'anna@example.test',
  parameters: NO_MAIL_PARAMETERS,
  sizeBytes: 0,
  recipients: ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    address: `${name}@example.test`,
    parameters: NO_RECIPIENT_PARAMETERS,
  })),
  async *readMessage() {},
};

/** Everybody has a mailbox here. */
function open(deliver: MailTransportParts['local']['deliver']): {
  readonly transport: Transport;
  readonly faults: readonly unknown[];
} {
  const faults: unknown[] = [];
  const account = {} as AccountRecord;
  const transport = createMailTransport({
    site: 'dublin',
    workerIndex: 0,
    addresses: {
      resolveRecipient: (name) =>
        Promise.resolve({ kind: 'mailbox', account, detail: undefined, name }),
    },
    local: { deliver },
    isLocal: () => true,
    lmtp: NO_WAY,
    outside: NO_WAY,
    onFault: (error) => faults.push(error),
  });
  return { transport, faults };
}

it('a mailbox that fails leaves the outcomes of the others as they are', async () => {
  const { transport, faults } = open(async ({ address }) => {
    if (address.startsWith('b')) throw new Error('EIO');
    return undefined;
  });
  const outcomes = await transport.deliver(HERE, REQUEST, new AbortController().signal);
  const kinds = outcomes.map(({ kind }) => kind);
  expect(kinds).toEqual(['delivered', 'deferred', 'delivered', 'delivered', 'delivered']);
  expect(faults).toHaveLength(1);
});

it('a stop leaves those for the next process who were not begun', async () => {
  const stop = new AbortController();
  const { transport } = open(async () => {
    stop.abort();
    return undefined;
  });
  const outcomes = await transport.deliver(HERE, REQUEST, stop.signal);
  expect(outcomes.filter(({ kind }) => kind === 'deferred')).not.toHaveLength(0);
  expect(outcomes[0]?.kind).toBe('delivered');
});
