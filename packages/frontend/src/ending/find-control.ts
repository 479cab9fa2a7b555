/** Finds the control port of the worker that has a session, as the directory has it now. */
import type { ControlPlace } from '@homeward/service';
import type { AccountLookup, InnerTarget } from '../login/ports.ts';
import { doorsOf } from '../login/route.ts';

export function createControlFinder(
  accounts: Pick<AccountLookup, 'getSite'>,
): (target: InnerTarget) => Promise<ControlPlace | undefined> {
  return async ({ site: name, protocol, host, port }) => {
    const found = await accounts.getSite(name);
    if (found.kind !== 'found') return undefined;
    const { workers, serverName } = found.site;
    const worker = workers.find(
      (one) => one.host === host && doorsOf(one, protocol)?.port === port,
    );
    const controlPort = worker?.controlPort;
    return controlPort === undefined ? undefined : { host, port: controlPort, serverName };
  };
}
