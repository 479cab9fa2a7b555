/** The settings that apply live, by dotted name, as front end and back end declare them. */
import { BACK_END_SETTING_FORMS } from '@homeward/backend';
import { SETTING_FORMS } from '@homeward/frontend';
import { type ConfigKey, describeConfig, explainValue, suggestKey } from '@homeward/service';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** Both halves may have a section of the same name, and the same keys in it. */
const FORMS = [...Object.entries(SETTING_FORMS), ...Object.entries(BACK_END_SETTING_FORMS)];

/** Every setting; `key` is its dotted name. */
export function listKnownSettings(): readonly ConfigKey[] {
  const settings = new Map<string, ConfigKey>();
  for (const [section, form] of FORMS) {
    for (const entry of describeConfig(form)) {
      const key = `${section}.${entry.key}`;
      if (!settings.has(key)) settings.set(key, { ...entry, key });
    }
  }
  return [...settings.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Those that can be set by themselves: not what stands inside of a list or of one's section. */
export function listSettableSettings(): readonly ConfigKey[] {
  return listKnownSettings().filter(({ key }) => /^[^.]+\.[^.]+$/.test(key));
}

/**
 * Reads a value as it would stand in a configuration file, and checks it.
 *
 * @throws OperatorError that names what is possible.
 */
export function parseSettingValue(name: string, text: string): unknown {
  const known = findSetting(name);
  const [section = '', key = ''] = name.split('.');
  const forms = FORMS.filter(([sectionName]) => sectionName === section);
  // The other keys have their defaults, so what is wrong is this one.
  const isPossible = (value: unknown): boolean =>
    forms.some(([, form]) => form.safeParse({ [key]: value }).success);
  for (const value of readingsOf(text)) if (isPossible(value)) return value;
  const problems = forms.map(([, form]) => explainStructure(form, known, text));
  throw new OperatorError(
    problems.find((problem) => problem !== undefined) ??
      `${name}: ${JSON.stringify(text)} is not possible. ` +
        `Write ${known.type === 'boolean' ? 'true or false' : known.type}`,
    EXIT_CODES.refused,
  );
}

/** As many as fit on a screen; the next try tells of the others. */
const SHOWN_PROBLEMS = 5;

/** @returns Where in a list or section something is wrong; undefined for what is none. */
function explainStructure(
  form: (typeof FORMS)[number][1],
  { key: name, type }: ConfigKey,
  text: string,
): string | undefined {
  const [section = '', key = ''] = name.split('.');
  if (!type.startsWith('list of') && !/^\s*[[{]/.test(text)) return undefined;
  // What has sections in it can be JSON alone.
  const list = text.startsWith('[') ? readList(text) : splitAtCommas(text);
  const value = readJson(text) ?? (text.includes('{') ? undefined : list);
  if (typeof value !== 'object') {
    return `${name}: is not valid JSON. Put names and texts into double quotation marks.`;
  }
  const lines = explainValue(form, { [key]: value });
  if (lines.length === 0) return undefined;
  return lines
    .slice(0, SHOWN_PROBLEMS)
    .map((line) => `${section}.${line}`)
    .join('\n');
}

/** @throws OperatorError if there is no such setting. */
export function findSetting(name: string): ConfigKey {
  const settings = listKnownSettings();
  const known = settings.find(({ key }) => key === name);
  if (known !== undefined) return known;
  const alike = settings.find(
    ({ key, exchangeName }) =>
      key.toLowerCase() === name.toLowerCase() ||
      exchangeName?.toLowerCase() === name.toLowerCase(),
  );
  const meant =
    alike?.key ??
    suggestKey(
      name,
      listSettableSettings().map(({ key }) => key),
    );
  const hint = meant === undefined ? 'See homeward settings list' : `Did you mean ${meant}?`;
  throw new OperatorError(`${name} is no live setting. ${hint}`, EXIT_CODES.refused);
}

/** What the text may mean, the likeliest first: a scalar, a text, JSON, a list with commas. */
function readingsOf(text: string): readonly unknown[] {
  const list = splitAtCommas(text);
  // Undefined would stand for the default.
  return [readScalar(text), text, readJson(text), list].filter((value) => value !== undefined);
}

function splitAtCommas(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim());
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readScalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  return text.startsWith('[') ? readList(text) : text;
}

/** `[10.0.0.0/8, 2001:db8::/32]`, with or without quotation marks. */
function readList(text: string): unknown {
  if (!text.endsWith(']')) return text;
  const items = text.slice(1, -1).split(',');
  const words = items.map((item) => item.trim().replace(/^(["'])(.*)\1$/, '$2'));
  return words.filter((word) => word !== '');
}
