/** How the directory's settings document overrides this front end's configured values. */
import {
  overrideSettings as override,
  type SettingProblem,
  type SettingsDocument,
} from '@homeward/service';
import { SETTING_FORMS, type SettingValues } from './config.ts';

/** Lays the settings document over the configured values; see the service's function. */
export function overrideSettings(
  configured: SettingValues,
  document: SettingsDocument,
): { readonly values: SettingValues; readonly problems: readonly SettingProblem[] } {
  return override(SETTING_FORMS, configured, document);
}
