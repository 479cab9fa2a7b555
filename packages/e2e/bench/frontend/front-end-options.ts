/** The command line of the front-end benchmark. */
import { parseArgs } from 'node:util';

/** How long, how many. */
export interface FrontEndSize {
  readonly roundCount: number;
  /** Of one load. */
  readonly loadMs: number;
  /** Before the first measurement: the time that it takes V8 to compile what is hot. */
  readonly warmUpMs: number;
  readonly idleCount: number;
  /** From the end of the crowd until memory is looked at again. */
  readonly restMs: number;
}

export interface FrontEndOptions {
  readonly size: FrontEndSize;
  /** Ids of figures. */
  readonly only: RegExp;
  /** Names of proxies. */
  readonly proxies: RegExp;
  readonly isJson: boolean;
  /** Where to draw the table. */
  readonly svgFile: string | undefined;
  readonly isHelp: boolean;
}

const FULL: FrontEndSize = {
  roundCount: 5,
  loadMs: 4_000,
  warmUpMs: 15_000,
  idleCount: 5_000,
  restMs: 60_000,
};

const QUICK: FrontEndSize = {
  roundCount: 1,
  loadMs: 2_000,
  warmUpMs: 4_000,
  idleCount: 500,
  restMs: 10_000,
};

/** What `--help` prints. */
export const USAGE = `npm run bench -- frontend [OPTIONS]: the front end beside the proxies that are installed

  --quick            one short round, 500 idle connections: about five minutes
  --only PATTERN     only figures whose id matches, a regular expression: --only 'login|noop'
  --proxies PATTERN  only proxies whose name matches: --proxies 'Homeward|HAProxy'
  --rounds COUNT     of which the median is taken; 5 by default
  --idle COUNT       idle connections; 5,000 by default
  --svg FILE         draw the table, for the README
  --json             print all samples as one JSON document
  --help             this

Exit status 1: an answer was wrong, or a proxy failed. Goals that are missed are not errors.
`;

/** @throws TypeError if the command line is wrong. */
export function parseFrontEndOptions(args: readonly string[]): FrontEndOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      proxies: { type: 'string', default: '' },
      rounds: { type: 'string' },
      idle: { type: 'string' },
      svg: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const size = values.quick ? QUICK : FULL;
  return {
    size: {
      ...size,
      roundCount: readCount('--rounds', values.rounds, size.roundCount),
      idleCount: readCount('--idle', values.idle, size.idleCount),
    },
    only: new RegExp(values.only),
    proxies: new RegExp(values.proxies),
    isJson: values.json,
    svgFile: values.svg,
    isHelp: values.help,
  };
}

function readCount(option: string, text: string | undefined, otherwise: number): number {
  const count = Number(text ?? otherwise);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new TypeError(`${option} wants a number from 1 on`);
}
