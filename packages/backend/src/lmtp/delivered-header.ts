/**
 * What final delivery does to a header (RFC 5321 §4.4): its own trace comes in front, a Return-Path
 * of before goes, since each mailbox gets its own.
 */
import { formatReceived, splitFields } from '@homeward/smtp/message';
import type { Refusal } from '@homeward/smtp/session';
import { LOOP } from '../delivery/delivery-refusals.ts';

export interface DeliveryFacts {
  readonly clientName: string;
  readonly serverName: string;
  readonly reference: string;
  readonly nowMs: number;
}

/** RFC 5321 §6.3 asks for at least 100. */
const HOP_LIMIT = 100;

/** @param header Without the empty line behind it. */
export function prepareDeliveredHeader(
  header: Buffer,
  { clientName, serverName, reference, nowMs }: DeliveryFacts,
): Buffer | Refusal {
  const fields = splitFields(header).filter(({ name }) => name !== 'return-path');
  if (fields.filter(({ name }) => name === 'received').length >= HOP_LIMIT) return LOOP;
  const received = formatReceived({
    clientName,
    clientAddress: undefined,
    serverName,
    protocol: 'LMTPS',
    id: reference,
    atMs: nowMs,
  });
  return Buffer.concat([
    Buffer.from(received, 'latin1'),
    ...fields.map(({ octets }) => octets),
    Buffer.from('\r\n'),
  ]);
}
