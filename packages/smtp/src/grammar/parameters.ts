/**
 * Parameters of MAIL and RCPT: SIZE (RFC 1870 §3), BODY (RFC 6152 §2, RFC 3030 §3), SMTPUTF8 (RFC
 * 6531 §3.4), AUTH (RFC 4954 §5), RET and ENVID, NOTIFY and ORCPT (RFC 3461 §4).
 */
import type { ArgumentProblem } from './argument-problem.ts';
import { decodeXtext, encodeXtext } from './xtext.ts';

export interface MailParameters {
  /** What the client says the message will have, in octets. */
  readonly sizeBytes: number | undefined;
  readonly body: '7BIT' | '8BITMIME' | 'BINARYMIME' | undefined;
  readonly isUtf8: boolean;
  /** How much of the message notifications bring back. */
  readonly returned: 'FULL' | 'HDRS' | undefined;
  /** Decoded. */
  readonly envelopeId: string | undefined;
}

/** On which occasions a notification is wanted; none of them is NEVER. */
export type NotifyOccasion = 'SUCCESS' | 'FAILURE' | 'DELAY';

export interface RecipientParameters {
  /** Undefined: as the server thinks right. Empty: never. */
  readonly notify: readonly NotifyOccasion[] | undefined;
  /** Whom the sender meant at first; decoded. */
  readonly originalRecipient: { readonly type: string; readonly address: string } | undefined;
}

export const NO_MAIL_PARAMETERS: MailParameters = {
  sizeBytes: undefined,
  body: undefined,
  isUtf8: false,
  returned: undefined,
  envelopeId: undefined,
};

export const NO_RECIPIENT_PARAMETERS: RecipientParameters = {
  notify: undefined,
  originalRecipient: undefined,
};

/** RFC 3461 §4.4: 100 characters; decoded it is not longer. */
const ENVELOPE_ID_CHARACTERS = 100;
/** RFC 3461 §4.2: 500 characters. */
const ORIGINAL_RECIPIENT_CHARACTERS = 500;
const PARAMETER =
  /^(?<keyword>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?<value>[!-<>-~\u{80}-\u{10ffff}]+))?$/u;
const OCCASIONS: readonly NotifyOccasion[] = ['SUCCESS', 'FAILURE', 'DELAY'];

type Pairs = ReadonlyMap<string, string | undefined>;

/** @param text What follows the path; empty, or beginning with a blank. */
export function parseMailParameters(text: string): MailParameters | ArgumentProblem {
  const pairs = splitPairs(text);
  if (typeof pairs === 'string') return pairs;
  let found: MailParameters = NO_MAIL_PARAMETERS;
  for (const [keyword, value] of pairs) {
    const read = readMailParameter(keyword, value);
    if (typeof read === 'string') return read;
    found = { ...found, ...read };
  }
  return found;
}

/** @param text As for `parseMailParameters`. */
export function parseRecipientParameters(text: string): RecipientParameters | ArgumentProblem {
  const pairs = splitPairs(text);
  if (typeof pairs === 'string') return pairs;
  let found: RecipientParameters = NO_RECIPIENT_PARAMETERS;
  for (const [keyword, value] of pairs) {
    const read = readRecipientParameter(keyword, value);
    if (typeof read === 'string') return read;
    found = { ...found, ...read };
  }
  return found;
}

/** @returns Empty, or beginning with a blank. */
export function formatMailParameters(parameters: MailParameters): string {
  const { sizeBytes, body, isUtf8, returned, envelopeId } = parameters;
  return [
    sizeBytes === undefined ? '' : ` SIZE=${sizeBytes}`,
    body === undefined ? '' : ` BODY=${body}`,
    isUtf8 ? ' SMTPUTF8' : '',
    returned === undefined ? '' : ` RET=${returned}`,
    envelopeId === undefined ? '' : ` ENVID=${encodeXtext(envelopeId)}`,
  ].join('');
}

/** @returns Empty, or beginning with a blank. */
export function formatRecipientParameters(parameters: RecipientParameters): string {
  const { notify, originalRecipient } = parameters;
  const occasions = notify?.join(',') === '' ? 'NEVER' : notify?.join(',');
  return [
    occasions === undefined ? '' : ` NOTIFY=${occasions}`,
    originalRecipient === undefined
      ? ''
      : ` ORCPT=${originalRecipient.type};${encodeXtext(originalRecipient.address)}`,
  ].join('');
}

/** A parameter that comes twice would be read one way here and another way elsewhere. */
function splitPairs(text: string): Pairs | ArgumentProblem {
  const pairs = new Map<string, string | undefined>();
  if (text.trim() === '') return pairs;
  if (!text.startsWith(' ')) return 'bad-arguments';
  for (const word of text.trim().split(/ +/u)) {
    const groups = PARAMETER.exec(word)?.groups;
    const keyword = groups?.['keyword']?.toUpperCase();
    if (keyword === undefined || pairs.has(keyword)) return 'bad-arguments';
    pairs.set(keyword, groups?.['value']);
  }
  return pairs;
}

function readMailParameter(
  keyword: string,
  value: string | undefined,
): Partial<MailParameters> | ArgumentProblem {
  switch (keyword) {
    case 'SIZE':
      // RFC 1870 §5: up to 20 digits; what no number here can hold is too large in any case.
      return value !== undefined && /^\d{1,20}$/u.test(value)
        ? { sizeBytes: Math.min(Number(value), Number.MAX_SAFE_INTEGER) }
        : 'bad-arguments';
    case 'BODY':
      return readBody(value);
    case 'SMTPUTF8':
      return value === undefined ? { isUtf8: true } : 'bad-arguments';
    case 'AUTH':
      // RFC 4954 §5: who submits is known by the login; what is claimed here is not believed.
      return value === undefined || decodeXtext(value) === undefined ? 'bad-arguments' : {};
    case 'RET':
      return readReturned(value);
    case 'ENVID': {
      const envelopeId = value === undefined ? undefined : decodeXtext(value);
      const isFit = envelopeId !== undefined && isPrintable(envelopeId, ENVELOPE_ID_CHARACTERS);
      return isFit ? { envelopeId } : 'bad-arguments';
    }
    default:
      return 'unknown-parameter';
  }
}

function readBody(value: string | undefined): Partial<MailParameters> | ArgumentProblem {
  const body = value?.toUpperCase();
  if (body === '7BIT' || body === '8BITMIME' || body === 'BINARYMIME') return { body };
  return 'bad-arguments';
}

function readReturned(value: string | undefined): Partial<MailParameters> | ArgumentProblem {
  const returned = value?.toUpperCase();
  return returned === 'FULL' || returned === 'HDRS' ? { returned } : 'bad-arguments';
}

function readRecipientParameter(
  keyword: string,
  value: string | undefined,
): Partial<RecipientParameters> | ArgumentProblem {
  switch (keyword) {
    case 'NOTIFY':
      return readNotify(value);
    case 'ORCPT': {
      const groups = /^(?<type>[A-Za-z0-9-]{1,30});(?<address>.+)$/u.exec(value ?? '')?.groups;
      const address = decodeXtext(groups?.['address'] ?? '');
      const type = groups?.['type'];
      if (type === undefined || address === undefined) return 'bad-arguments';
      if (!isPrintable(address, ORIGINAL_RECIPIENT_CHARACTERS)) return 'bad-arguments';
      return { originalRecipient: { type, address } };
    }
    default:
      return 'unknown-parameter';
  }
}

function readNotify(value: string | undefined): Partial<RecipientParameters> | ArgumentProblem {
  const words = value?.toUpperCase().split(',') ?? [];
  if (words.length === 1 && words[0] === 'NEVER') return { notify: [] };
  const notify = OCCASIONS.filter((occasion) => words.includes(occasion));
  const isFit = notify.length > 0 && notify.length === words.length;
  return isFit ? { notify } : 'bad-arguments';
}

/** What goes into a notification one day must not bring lines of its own. */
function isPrintable(text: string, limit: number): boolean {
  return text.length <= limit && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text);
}
