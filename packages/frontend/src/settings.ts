/**
 * How the directory's settings document overrides the configured values: by dotted names such
 * as `imap.loginType`, each checked by the same forms as the configuration.
 */
import { SETTING_FORMS, type SettingValues } from './config.ts';

/** Why a value of the settings document is not used. */
export interface SettingProblem {
  readonly name: string;
  readonly text: string;
}

type Section = Readonly<Record<string, unknown>>;

/**
 * Lays the settings document over the configured values. A value that is not right changes
 * nothing and is named; names that are not ours are somebody else's.
 */
export function overrideSettings(
  configured: SettingValues,
  document: Section,
): { readonly values: SettingValues; readonly problems: readonly SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const sections = new Map<string, Section>(
    SECTION_NAMES.map((name) => [name, settingsOf(configured, name)]),
  );
  for (const [name, value] of Object.entries(document)) {
    const [sectionName = '', key = '', ...more] = name.split('.');
    const section = sections.get(sectionName);
    if (section === undefined || more.length > 0 || !Object.hasOwn(section, key)) continue;
    const form = SETTING_FORMS[sectionName as keyof SettingValues];
    const parsed = form.safeParse({ ...section, [key]: value });
    if (parsed.success) sections.set(sectionName, { ...section, [key]: value });
    else problems.push({ name, text: parsed.error.issues[0]?.message ?? 'is not valid' });
  }
  // Every section was checked by its form with each of its changes.
  return { values: Object.fromEntries(sections) as unknown as SettingValues, problems };
}

const SECTION_NAMES = Object.keys(SETTING_FORMS) as (keyof SettingValues)[];

/** A section's live settings, without what of it needs a restart (its listeners). */
function settingsOf(configured: SettingValues, name: keyof SettingValues): Section {
  const section: object = configured[name];
  return Object.fromEntries(Object.entries(section).filter(([key]) => key !== 'listeners'));
}
