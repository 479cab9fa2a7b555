/** The settings in force, as the front end's parts ask for them. */
import {
  LOGIN_LIMIT_MS,
  createNetworkSetting,
  type ProtocolSettings,
  sessionLimitsFor,
  type SessionLimits,
} from '@homeward/login-guards';
import type { FollowedSettings } from '@homeward/service';
import type { SettingValues } from './config.ts';
import type { ConversationSettings } from './conversation/ports.ts';
import type { MailProtocol } from './login/ports.ts';

/** A view of what `followed` keeps current; its owner opens and closes that. */
export class LiveSettings implements ConversationSettings {
  readonly loginDeadlineMs: number = LOGIN_LIMIT_MS;
  readonly #exempt = createNetworkSetting();
  readonly #followed: Pick<FollowedSettings<SettingValues>, 'values'>;

  constructor(followed: Pick<FollowedSettings<SettingValues>, 'values'>) {
    this.#followed = followed;
  }

  get values(): SettingValues {
    return this.#followed.values;
  }

  sessionLimitsFor(clientAddress: string, perUser: number | undefined): SessionLimits {
    return sessionLimitsFor(this.values.connectionLimits, this.#exempt, clientAddress, perUser);
  }

  get preAuthenticatedTimeoutMs(): number {
    return this.values.idleLimits.preAuthenticatedSeconds * 1000;
  }

  authenticatedTimeoutMs(protocol: MailProtocol): number {
    const { submission, idleLimits } = this.values;
    const seconds =
      protocol === 'submission' ? submission.idleSeconds : idleLimits.authenticatedSeconds;
    return seconds * 1000;
  }

  isProtocolEnabled(protocol: MailProtocol): boolean {
    return this.values[protocol].enabled;
  }

  protocol(protocol: MailProtocol): ProtocolSettings {
    return this.values[protocol];
  }
}
