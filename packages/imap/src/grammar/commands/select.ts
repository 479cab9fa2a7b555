/** SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2), with CONDSTORE and QRESYNC (RFC 7162 §7). */
import type { ArgumentDecoder } from '../argument-decoder.ts';
import type { CommandOf, QresyncParameter } from '../command.ts';
import { type NumberSet, SAVED_RESULT, countNumbers } from '../number-set.ts';
import type { WholeSyntax } from './command-syntax.ts';

function selecting(name: 'select' | 'examine'): WholeSyntax {
  return {
    word: name.toUpperCase(),
    parse(decoder) {
      decoder.space();
      const mailbox = decoder.mailbox();
      const parameters = decoder.hasMore() ? parseParameters(decoder) : noParameters;
      return { name, mailbox, ...parameters };
    },
  };
}

type Parameters = Pick<CommandOf<'select'>, 'condstore' | 'qresync'>;

const noParameters: Parameters = { condstore: false, qresync: undefined };

/** `"(" select-param *(SP select-param) ")"` (RFC 4466 §2.1); each once. */
function parseParameters(decoder: ArgumentDecoder): Parameters {
  decoder.space();
  let { condstore, qresync } = noParameters;
  decoder.list(() => {
    if (!condstore && decoder.tryKeyword('CONDSTORE')) condstore = true;
    else if (qresync === undefined && decoder.tryKeyword('QRESYNC')) {
      decoder.space();
      qresync = parseQresync(decoder);
    } else decoder.fail('a known SELECT parameter, once');
  });
  return { condstore, qresync };
}

/** `"(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"` */
function parseQresync(decoder: ArgumentDecoder): QresyncParameter {
  decoder.take('(');
  const uidValidity = decoder.nzNumber('a UIDVALIDITY');
  decoder.space();
  const modSeq = decoder.modSequence();
  let knownUids: NumberSet | undefined;
  let match: QresyncParameter['match'];
  if (decoder.tryTake(' ')) {
    if (!decoder.comesNext('(')) {
      knownUids = parseKnownSet(decoder);
      if (decoder.tryTake(' ')) match = parseMatch(decoder);
    } else match = parseMatch(decoder);
  }
  decoder.take(')');
  return { uidValidity, modSeq, knownUids, match };
}

/** `"(" known-sequence-set SP known-uid-set ")"` */
function parseMatch(decoder: ArgumentDecoder): NonNullable<QresyncParameter['match']> {
  decoder.take('(');
  const sequences = parseKnownSet(decoder);
  decoder.space();
  const start = decoder.position;
  const uids = parseKnownSet(decoder);
  if (countNumbers(uids) !== countNumbers(sequences)) {
    decoder.fail('as many UIDs as sequence numbers', start);
  }
  decoder.take(')');
  return { sequences, uids };
}

/** A set without "*". */
function parseKnownSet(decoder: ArgumentDecoder): NumberSet {
  const start = decoder.position;
  const set = decoder.sequenceSet();
  const isKnown =
    set !== SAVED_RESULT &&
    set.every(({ first, last }) => first !== undefined && last !== undefined);
  return isKnown ? set : decoder.fail('a set without "*"', start);
}

/** `select SP mailbox [SP select-params]` */
export const selectSyntax: WholeSyntax = selecting('select');
/** `examine SP mailbox [SP select-params]` */
export const examineSyntax: WholeSyntax = selecting('examine');
