/**
 * How the directory's settings document overrides the configured values: by dotted names such
 * as `imap.loginType`, each checked by the same forms as the configuration.
 */
import type { z } from 'zod';

/** Why a value of the settings document is not used. */
export interface SettingProblem {
  readonly name: string;
  readonly text: string;
}

/** The form of each section; strict, all keys with a default. */
export type SettingForms<Values> = {
  readonly [Name in keyof Values]: z.ZodType<Values[Name]>;
};

/** All settings that override something, by dotted name. */
export type SettingsDocument = Readonly<Record<string, unknown>>;

type Section = Readonly<Record<string, unknown>>;

/**
 * Lays the settings document over the configured values. A value that is not right changes
 * nothing and is named; names that are not ours are somebody else's: a document serves all
 * services, and a section of the same name may have other keys there.
 *
 * @param configured What is no section of `forms`, or no key of the section's form, is left out.
 */
export function overrideSettings<Values extends object>(
  forms: SettingForms<Values>,
  configured: Values,
  document: SettingsDocument,
): { readonly values: Values; readonly problems: readonly SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const names = Object.keys(forms) as (keyof Values & string)[];
  const sections = new Map<string, Section>(
    names.map((name) => [name, liveKeysOf(forms[name], configured[name] as Section)]),
  );
  for (const [name, value] of Object.entries(document)) {
    const [sectionName = '', key = '', ...more] = name.split('.');
    const section = sections.get(sectionName);
    if (section === undefined || more.length > 0 || !Object.hasOwn(section, key)) continue;
    const parsed = forms[sectionName as keyof Values].safeParse({ ...section, [key]: value });
    if (parsed.success) {
      // As the form makes it: with the defaults of what the value leaves out.
      sections.set(sectionName, { ...section, [key]: (parsed.data as Section)[key] });
    } else problems.push({ name, text: parsed.error.issues[0]?.message ?? 'is not valid' });
  }
  // Every section was checked by its form with each of its changes.
  return { values: Object.fromEntries(sections) as unknown as Values, problems };
}

/** A section's live settings, without what of it needs a restart (its listeners). */
function liveKeysOf(form: z.ZodType, configured: Section): Section {
  // A form of defaults alone makes all keys that it knows out of nothing.
  const known = form.parse({}) as object;
  return Object.fromEntries(
    Object.entries(configured).filter(([key]) => Object.hasOwn(known, key)),
  );
}
