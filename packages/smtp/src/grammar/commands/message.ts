/** MAIL, RCPT, DATA (RFC 5321 §4.1.1.2 to §4.1.1.4) and BDAT (RFC 3030 §2). */
import type { CommandSyntax } from '../command.ts';
import { formatPath, readPath } from '../mail-path.ts';
import {
  formatMailParameters,
  formatRecipientParameters,
  parseMailParameters,
  parseRecipientParameters,
} from '../parameters.ts';

/** RFC 5321 §3.3 allows no blank behind the colon; many clients send one. */
const FROM = /^FROM: *(?=<)/iu;
const TO = /^TO: *(?=<)/iu;

export const mailSyntax: CommandSyntax<'MAIL'> = {
  name: 'MAIL',
  usage: 'MAIL FROM:<address> [parameters]',
  parse(args) {
    if (!FROM.test(args)) return 'bad-arguments';
    const read = readPath(args.replace(FROM, ''));
    if (read === undefined) return 'bad-sender';
    const parameters = parseMailParameters(read.rest);
    if (typeof parameters === 'string') return parameters;
    // RFC 6531 §3.4: without SMTPUTF8 an address is ASCII.
    if (read.path?.isUtf8 === true && !parameters.isUtf8) return 'bad-sender';
    return { name: 'MAIL', sender: read.path, parameters };
  },
  formatArguments: ({ sender, parameters }) =>
    `FROM:${formatPath(sender)}${formatMailParameters(parameters)}`,
};

export const rcptSyntax: CommandSyntax<'RCPT'> = {
  name: 'RCPT',
  usage: 'RCPT TO:<address> [parameters]',
  parse(args) {
    if (!TO.test(args)) return 'bad-arguments';
    const read = readPath(args.replace(TO, ''));
    if (read?.path === undefined) return 'bad-recipient';
    const parameters = parseRecipientParameters(read.rest);
    if (typeof parameters === 'string') return parameters;
    return { name: 'RCPT', recipient: read.path, parameters };
  },
  formatArguments: ({ recipient, parameters }) =>
    `TO:${formatPath(recipient)}${formatRecipientParameters(parameters)}`,
};

export const dataSyntax: CommandSyntax<'DATA'> = {
  name: 'DATA',
  usage: 'DATA',
  parse: (args) => (args.trim() === '' ? { name: 'DATA' } : 'bad-arguments'),
  formatArguments: () => undefined,
};

export const bdatSyntax: CommandSyntax<'BDAT'> = {
  name: 'BDAT',
  usage: 'BDAT octets [LAST]',
  parse(args) {
    const groups = /^(?<count>\d{1,15})(?<last> +LAST)? *$/iu.exec(args)?.groups;
    if (groups === undefined) return 'bad-arguments';
    return {
      name: 'BDAT',
      octetCount: Number(groups['count']),
      isLast: groups['last'] !== undefined,
    };
  },
  formatArguments: ({ octetCount, isLast }) => `${octetCount}${isLast ? ' LAST' : ''}`,
};
