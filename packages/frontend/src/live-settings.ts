/** The settings in force, as the front end's parts ask for them. */
import { createNetworkSetting } from '@homeward/login-guards';
import type { FollowedSettings } from '@homeward/service';
import type { ProtocolSettings, SettingValues } from './config.ts';
import type { SessionLimits } from './login/claim.ts';
import type { ConversationSettings } from './conversation/ports.ts';
import type { MailProtocol } from './login/ports.ts';

/**
 * One login's limit. With the time to send the answer it stays within the five seconds after
 * which people begin to wonder.
 */
const LOGIN_DEADLINE_MS = 4500;

/** The default, which nobody need count up to. */
const UNLIMITED = 2_147_483_647;
const NO_LIMITS: SessionLimits = { perUser: Infinity, perAddress: undefined };

/** A view of what `followed` keeps current; its owner opens and closes that. */
export class LiveSettings implements ConversationSettings {
  readonly loginDeadlineMs: number = LOGIN_DEADLINE_MS;
  readonly #exempt = createNetworkSetting();
  readonly #followed: Pick<FollowedSettings<SettingValues>, 'values'>;

  constructor(followed: Pick<FollowedSettings<SettingValues>, 'values'>) {
    this.#followed = followed;
  }

  get values(): SettingValues {
    return this.#followed.values;
  }

  sessionLimitsFor(clientAddress: string, perUser: number | undefined): SessionLimits {
    const { connectionLimits } = this.values;
    const { perAddress, exemptNetworks } = connectionLimits;
    if (this.#exempt.has(exemptNetworks, clientAddress)) return NO_LIMITS;
    return {
      perUser: perUser ?? connectionLimits.perUser,
      perAddress: perAddress < UNLIMITED ? perAddress : undefined,
    };
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
