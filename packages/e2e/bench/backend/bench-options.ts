/** The command line of the back-end benchmark. */
import { parseArgs } from 'node:util';
import type { BenchSize } from './bench-row.ts';

export interface BenchOptions {
  readonly size: BenchSize;
  /** Ids of rows. */
  readonly only: RegExp;
  readonly isJson: boolean;
  readonly hasPeer: boolean;
  readonly isHelp: boolean;
}

const FULL: BenchSize = {
  appendCount: 1_000,
  folderCount: 10_000,
  hugeCount: 100_000,
  greedyBytes: 1e9,
  idleSampleCount: 100,
  idleSessionCount: 800,
  listFolderCount: 500,
  repeatCount: 5,
};

const QUICK: BenchSize = {
  appendCount: 200,
  folderCount: 2_000,
  hugeCount: 10_000,
  greedyBytes: 1e8,
  idleSampleCount: 20,
  idleSessionCount: 100,
  listFolderCount: 100,
  repeatCount: 2,
};

/** What `--help` prints. */
export const USAGE = `npm run bench -- backend [OPTIONS]: the back end beside Dovecot, on this machine, in one run

  --quick          a fifth of the mail, fewer repeats: about a minute
  --only PATTERN   only rows whose id matches, a regular expression: --only '^search|bodies'
  --repeat COUNT   measurements of each row behind the first
  --no-peer        without Dovecot
  --json           print all samples as one JSON document
  --help           this

Exit status 1: an answer was wrong, or a server failed. Goals that are missed are not errors.
`;

/** @throws TypeError if the command line is wrong. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      repeat: { type: 'string' },
      'no-peer': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const size = values.quick ? QUICK : FULL;
  const repeatCount = Number(values.repeat ?? size.repeatCount);
  if (!Number.isInteger(repeatCount) || repeatCount < 1) {
    throw new TypeError('--repeat wants a number from 1 on');
  }
  return {
    size: { ...size, repeatCount },
    only: new RegExp(values.only),
    isJson: values.json,
    hasPeer: !values['no-peer'],
    isHelp: values.help,
  };
}
