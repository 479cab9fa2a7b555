/**
 * What of which RFC is done, as the sources say it themselves: sections that shipped code cites,
 * sections that tests cite, and notes of what is missing or done otherwise.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { listFiles } from '../workspace.ts';
import { compareSections, findCitations, findNotes, type Note } from './citations.ts';

/** A note, and where it stands. */
export interface PlacedNote extends Note {
  /** From the repository's root. */
  readonly file: string;
}

/** One RFC. */
export interface RfcCoverage {
  readonly rfc: number;
  /** Sections that shipped code cites, in order. */
  readonly codeSections: readonly string[];
  /** Sections that tests cite, in order. */
  readonly testSections: readonly string[];
  /** Cited anywhere at all, with a section or without. */
  readonly isInCode: boolean;
  readonly isInTests: boolean;
}

/** All of it. */
export interface Coverage {
  /** By number. */
  readonly rfcs: ReadonlyMap<number, RfcCoverage>;
  readonly notes: readonly PlacedNote[];
  /** What it was made from. */
  readonly sources: readonly SourceText[];
}

/** A source as far as it matters here. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** Sample mail quotes RFCs that nobody here implements. */
const UNREAD = /^packages\/samples\//;
const TEST_FILE =
  /\.test\.ts$|-contract\.ts$|\/testing\/|\/fixtures\/|^packages\/(?:testkit|e2e)\//;

/** Reads all packages below a root. */
export function readSources(root: string): readonly SourceText[] {
  return listFiles(root, 'packages', /\.(?:ts|transcript)$/)
    .filter((file) => !UNREAD.test(file) && !file.includes('node_modules'))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
}

/** Puts together what the sources cite. */
export function collectCoverage(sources: readonly SourceText[]): Coverage {
  const drafts = new Map<number, Draft>();
  const notes: PlacedNote[] = [];
  for (const { file, text } of sources) {
    const isTest = TEST_FILE.test(file);
    for (const { rfc, section } of findCitations(text)) {
      const draft = drafts.get(rfc) ?? { code: new Set(), tests: new Set() };
      (isTest ? draft.tests : draft.code).add(section ?? '');
      drafts.set(rfc, draft);
    }
    if (!isTest) notes.push(...findNotes(text).map((note) => ({ ...note, file })));
  }
  const numbers = [...drafts.keys()].sort((a, b) => a - b);
  return {
    rfcs: new Map(numbers.map((rfc) => [rfc, finish(rfc, drafts.get(rfc))])),
    notes: notes.sort((a, b) => (a.file + a.text < b.file + b.text ? -1 : 1)),
    sources,
  };
}

interface Draft {
  readonly code: Set<string>;
  readonly tests: Set<string>;
}

function finish(rfc: number, draft: Draft = { code: new Set(), tests: new Set() }): RfcCoverage {
  return {
    rfc,
    codeSections: sectionsOf(draft.code),
    testSections: sectionsOf(draft.tests),
    isInCode: draft.code.size > 0,
    isInTests: draft.tests.size > 0,
  };
}

function sectionsOf(cited: ReadonlySet<string>): readonly string[] {
  return [...cited].filter((section) => section !== '').sort(compareSections);
}
