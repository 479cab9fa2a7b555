/** The page `docs/reference/rfc-coverage.md`. */
import { formatMarkdownTable, formatPage } from '@homeward/service/reference';
import { listImapCapabilities, listPop3Capabilities } from './advertised.ts';
import {
  type CapabilitySource,
  IMAP_CAPABILITY_SOURCES,
  POP3_CAPABILITY_SOURCES,
} from './capability-rfcs.ts';
import type { Coverage, PlacedNote, RfcCoverage } from './coverage.ts';
import { RFC_TITLES } from './rfc-titles.ts';

const IMAP_PROOFS = 'packages/imap/src/session/session-capabilities.test.ts';
const POP3_PROOFS = 'packages/pop3/src/pop3-capabilities.test.ts';

const INTRODUCTION = `
What is specified where, as the sources say it: every place that does or proves what an RFC asks
for cites it, \`RFC 9051 §6.4.7\`. A section under "also in tests" is cited by a test as well as by the
code that does it. That a section is not here does not mean that it is not done: grammar and obvious
commands are not cited one by one. A capability has a proof if a test shows what it adds, by name.
`;

const NOTES = `
## Gaps and deviations

What is missing, and what is done otherwise and why, from the notes beside the code.
`;

/** @throws if a capability is offered of which nobody said where it is specified. */
export function formatCoveragePage(coverage: Coverage): string {
  const tables = [
    '## Capabilities of IMAP4',
    formatCapabilities(listImapCapabilities(), IMAP_CAPABILITY_SOURCES, coverage, IMAP_PROOFS),
    '## Capabilities of POP3',
    formatCapabilities(listPop3Capabilities(), POP3_CAPABILITY_SOURCES, coverage, POP3_PROOFS),
    '## RFCs',
    formatRfcs(coverage),
    NOTES.trim(),
    formatNotes(coverage),
  ];
  const page = {
    title: 'RFC coverage',
    introduction: INTRODUCTION,
    madeBy: 'node tools/rfc/write-coverage.ts',
  };
  return formatPage(page, tables.join('\n\n'));
}

function formatCapabilities(
  names: readonly string[],
  sources: Readonly<Record<string, CapabilitySource | 'draft'>>,
  { rfcs, notes, sources: texts }: Coverage,
  proofsFile: string,
): string {
  const proofs = texts.find(({ file }) => file === proofsFile)?.text ?? '';
  const rows = names.map((name) => {
    const source = sources[name] ?? sources[name.replace(/=.*/, '')];
    if (source === undefined) throw new Error(`${name} has no RFC in capability-rfcs.ts`);
    const proof = hasProof(proofs, name) ? `[yes](../../${proofsFile})` : '';
    if (source === 'draft') return [`\`${name}\``, 'an Internet-Draft', '', proof, ''];
    const { rfc, section } = source;
    const place = `RFC ${rfc}${section === undefined ? '' : ` §${section}`}`;
    const found = rfcs.get(rfc);
    const noteCount = notes.filter((note) => note.rfcs.includes(rfc)).length;
    const count = noteCount === 0 ? '' : String(noteCount);
    return [`\`${name}\``, place, formatState(found), proof, count];
  });
  return formatMarkdownTable(['capability', 'specified by', 'cited in', 'proof', 'notes'], rows);
}

/** The tests have a table of proofs, by capability. */
function hasProof(proofs: string, name: string): boolean {
  const key = /^\w+$/.test(name) ? name : `'${name}'`;
  return proofs.split('\n').some((line) => line.startsWith(`  ${key}: [`));
}

function formatState(found: RfcCoverage | undefined): string {
  const places = [found?.isInCode === true && 'code', found?.isInTests === true && 'tests'];
  return places.filter((place) => place !== false).join(' and ');
}

function formatRfcs({ rfcs }: Coverage): string {
  const rows = [...rfcs.values()]
    .filter(({ codeSections, testSections }) => codeSections.length + testSections.length > 0)
    .map(({ rfc, codeSections, testSections }) => {
      const proven = new Set(testSections);
      const alsoInTests = codeSections.filter((section) => proven.has(section));
      const onlyInCode = codeSections.filter((section) => !proven.has(section));
      const onlyInTests = testSections.filter((section) => !codeSections.includes(section));
      return [
        String(rfc),
        RFC_TITLES[rfc] ?? '',
        formatSections(alsoInTests),
        formatSections(onlyInCode),
        formatSections(onlyInTests),
      ];
    });
  const head = ['RFC', 'is', 'in code, also in tests', 'in code alone', 'in tests alone'];
  return formatMarkdownTable(head, rows);
}

function formatSections(sections: readonly string[]): string {
  return sections.map((section) => `§${section}`).join(', ');
}

function formatNotes({ notes }: Coverage): string {
  const named = [...new Set(notes.flatMap(({ rfcs }) => rfcs.slice(0, 1)))].sort((a, b) => a - b);
  const groups = named.map((rfc) => {
    const title = RFC_TITLES[rfc] === undefined ? '' : `: ${RFC_TITLES[rfc]}`;
    return [`### RFC ${rfc}${title}`, ...listNotes(notes.filter((note) => note.rfcs[0] === rfc))];
  });
  const others = notes.filter(({ rfcs }) => rfcs.length === 0);
  if (others.length > 0) groups.push(['### Others', ...listNotes(others)]);
  return groups.map(([heading, ...lines]) => `${heading}\n\n${lines.join('\n')}`).join('\n\n');
}

function listNotes(notes: readonly PlacedNote[]): readonly string[] {
  return notes.map(({ kind, text, file }) => {
    const name = file
      .split('/')
      .slice(1)
      .filter((part) => part !== 'src')
      .join('/');
    return `- ${kind}: ${escapeMarkdown(text)} [${name}](../../${file})`;
  });
}

/** What would be read as markup outside of code. */
function escapeMarkdown(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/[\\*_<>[\]|]/g, '\\$&')))
    .join('');
}
