/**
 * Addresses for readers that know ASCII headers alone: names become encoded words, domains their
 * A-labels. Where the local part itself is not ASCII there is no address that such a reader could
 * answer to; the true one is shown as a part of the name, and a domain that can never exist
 * (RFC 6761 reserves "invalid") keeps programs from writing to somebody else.
 */
import { domainToASCII } from 'node:url';
import { parseAddressList } from '../address-list.ts';
import { decodeEncodedWords } from '../encoded-words.ts';
import type { EnvelopeAddress } from '../message-shape.ts';
import { encodeWords } from './encode-words.ts';

const NOBODY = 'invalid@internationalized-address.invalid';
const MAX_ADDRESSES = 4000;
const ASCII = /^[ -~]*$/;
/** RFC 5322 §3.2.3, and what may stand in a phrase without quotes. */
const DOT_ATOM = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const PHRASE = /^[\w!#$%&'*+/=?^`{|}~ -]+$/;

/**
 * @param value An unfolded field value, one character for each octet (Latin-1).
 * @param column Where on its line the first address will stand.
 * @returns ASCII, folded, an address on each line.
 */
export function formatSurrogateAddresses(value: string, column: number): string {
  let text = '';
  for (const address of parseAddressList(value, MAX_ADDRESSES)) {
    if (address.host === undefined && address.mailbox === undefined) {
      text += ';';
      continue;
    }
    const at = text === '' ? column : 1;
    if (text !== '') text += text.endsWith(':') ? '\r\n ' : ',\r\n ';
    text += address.host === undefined ? `${formatGroup(address, at)}:` : formatOne(address, at);
  }
  return text;
}

function formatGroup({ mailbox }: EnvelopeAddress, column: number): string {
  return formatPhrase(decodeEncodedWords(mailbox ?? ''), column);
}

function formatOne({ name, mailbox, host }: EnvelopeAddress, column: number): string {
  const text = name === undefined ? '' : decodeEncodedWords(name);
  const local = decodeUtf8(mailbox ?? '');
  const domain = decodeUtf8(host ?? '');
  const reachable = formatReachable(local, domain);
  if (reachable === undefined) {
    const address = `${local}@${domain}`;
    const shown = text === '' ? address : `${text} (${address})`;
    return `${formatPhrase(shown, column)}\r\n <${NOBODY}>`;
  }
  return text === '' ? `<${reachable}>` : `${formatPhrase(text, column)}\r\n <${reachable}>`;
}

/** @returns undefined if no ASCII address leads there. */
function formatReachable(local: string, domain: string): string | undefined {
  if (!ASCII.test(local)) return undefined;
  const host = ASCII.test(domain) ? domain : domainToASCII(domain);
  if (host === '' && domain !== '') return undefined;
  const quoted = DOT_ATOM.test(local) ? local : `"${local.replaceAll(/["\\]/g, '\\$&')}"`;
  return host === '' ? quoted : `${quoted}@${host}`;
}

function formatPhrase(text: string, column: number): string {
  if (PHRASE.test(text)) return text;
  if (ASCII.test(text)) return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  return encodeWords(text, column);
}

function decodeUtf8(latin1: string): string {
  return ASCII.test(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString();
}
