/** A login by password over scripted ports, and a home of other software for it. */
import type { ForeignConnection } from '../foreign/foreign-ports.ts';
import type { ConversationId } from '../conversation/conversation-id.ts';
import { LoginPhases } from '../login/login-phases.ts';
import { startLogin, type RunningLogin } from '../login/login.ts';
import { RIGHT_PASSWORD, ScriptedHome, type ScriptedWorld } from './scripted-ports.ts';

export interface ScriptedLoginOptions {
  /** The client's. */
  readonly address?: string;
  /** Ours. */
  readonly connectedAddress?: string;
  readonly password?: string;
}

/** By IMAP LOGIN, as `anna`. The caller awaits what is settled. */
export function startScriptedLogin(
  world: ScriptedWorld,
  {
    address = '192.0.2.7',
    connectedAddress = '192.0.2.1',
    password = RIGHT_PASSWORD,
  }: ScriptedLoginOptions = {},
): RunningLogin {
  return startLogin(
    {
      conversationId: 'C1' as ConversationId,
      protocol: 'imap',
      client: { address, port: 40_000 },
      connectedTo: () => ({ address: connectedAddress, port: 993 }),
      whenGone: () => new Promise(() => undefined),
      tls: undefined,
      method: 'LOGIN',
      credentials: {
        kind: 'password',
        loginName: 'anna',
        actAs: undefined,
        password: Buffer.from(password),
      },
      earlierLeftovers: Promise.resolve(),
      phases: new LoginPhases(world.clock),
    },
    world.ports,
  );
}

/** Its TLS begins whenever it is asked to. */
export function createForeignHome(): ScriptedHome & ForeignConnection {
  const startTls: ForeignConnection['startTls'] = async () => ({ ok: true });
  return Object.assign(new ScriptedHome(), { startTls });
}
