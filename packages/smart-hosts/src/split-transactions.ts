/**
 * The transactions by which a message goes to its recipients: no more in one than servers must
 * take (RFC 5321 §4.5.3.1.8), and recipients whose addresses need SMTPUTF8 apart from the others,
 * since a host may lack it. An address that comes twice is told once.
 */
import type { TransactionRecipient } from './transaction.ts';

const ASCII = /^[\0-\x7f]*$/u;

export function splitTransactions(
  recipients: readonly TransactionRecipient[],
  recipientLimit: number,
): readonly (readonly TransactionRecipient[])[] {
  const once = [...new Map(recipients.map((one) => [one.address, one])).values()];
  const ascii = once.filter(({ address }) => ASCII.test(address));
  const others = once.filter(({ address }) => !ASCII.test(address));
  return [ascii, others].flatMap((kind) => inPieces(kind, recipientLimit));
}

function inPieces<Item>(items: readonly Item[], limit: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / limit);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * limit, (index + 1) * limit),
  );
}
