/** The settings that apply live, by dotted name, as the front end declares them. */
import { SETTING_FORMS } from '@homeward/frontend';
import { type ConfigKey, describeConfig } from '@homeward/service';
import { EXIT_CODES, OperatorError } from '../output/operator-error.ts';

/** Every setting; `key` is its dotted name. */
export function listKnownSettings(): readonly ConfigKey[] {
  return Object.entries(SETTING_FORMS).flatMap(([section, form]) =>
    describeConfig(form).map((entry) => ({ ...entry, key: `${section}.${entry.key}` })),
  );
}

/**
 * Reads a value as it would stand in a configuration file, and checks it.
 *
 * @throws OperatorError that names what is possible.
 */
export function parseSettingValue(name: string, text: string): unknown {
  const known = findSetting(name);
  const [section = '', key = ''] = name.split('.');
  const form = SETTING_FORMS[section as keyof typeof SETTING_FORMS];
  const value = readScalar(text);
  // The other keys have their defaults, so what is wrong is this one.
  if (form.safeParse({ [key]: value }).success) return value;
  if (form.safeParse({ [key]: text }).success) return text;
  throw new OperatorError(
    `${name}: ${JSON.stringify(text)} is not possible. Write ${known.type}`,
    EXIT_CODES.refused,
  );
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
  const hint = alike === undefined ? 'See homeward settings list' : `Did you mean ${alike.key}?`;
  throw new OperatorError(`${name} is no live setting. ${hint}`, EXIT_CODES.refused);
}

function readScalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
