/** The smart hosts that the settings name now. Those that they name no more are closed. */
import type { RelaySettings } from './relay-settings.ts';
import { SmartHost, type SmartHostOptions } from './smart-host.ts';

export type SmartHostGroupParts = Pick<SmartHostOptions, 'clock' | 'createTls' | 'onAvailability'>;

export class SmartHostGroup {
  readonly #parts: SmartHostGroupParts;
  #hosts: ReadonlyMap<string, SmartHost> = new Map();

  constructor(parts: SmartHostGroupParts) {
    this.#parts = parts;
  }

  /** In the order of the settings. A host whose settings are as before is the one of before. */
  follow(settings: RelaySettings): readonly SmartHost[] {
    const { smartHosts, name, connectLimitMs, connectionsPerHost: connections } = settings;
    const hosts = new Map<string, SmartHost>();
    for (const host of smartHosts) {
      const options = { host, name, connectLimitMs, connections };
      const key = JSON.stringify(options);
      const known = hosts.get(key) ?? this.#hosts.get(key);
      hosts.set(key, known ?? new SmartHost({ ...options, ...this.#parts }));
    }
    for (const [key, host] of this.#hosts) if (!hosts.has(key)) host.close();
    this.#hosts = hosts;
    return [...hosts.values()];
  }

  close(): void {
    for (const host of this.#hosts.values()) host.close();
  }
}
