/** A door that people may reach through a load balancer, which says who the client is. */
import type { Protocol } from '@homeward/directory';
import {
  type AcceptRefusal,
  type AcceptStep,
  createProxyProtocolStep,
  type DeadlineWheel,
} from '@homeward/net';
import type { ProxyProtocolConfig } from '@homeward/service';

/** For the person who connects by hand, past the load balancer. */
const BYPASS_TEXT =
  'This port takes PROXY protocol headers of its load balancers, and nothing else';
const BYPASS_WORDS: Readonly<Record<Protocol, string>> = {
  imap: `* BYE ${BYPASS_TEXT}\r\n`,
  pop3: `-ERR ${BYPASS_TEXT}\r\n`,
  submission: `554 5.7.1 ${BYPASS_TEXT}\r\n`,
};

/** What stands between the kernel's accept and the protocol, as it is configured. */
export function proxySteps(
  { mode, trustedNetworks, headerLimitSeconds }: ProxyProtocolConfig,
  wheel: DeadlineWheel,
): readonly AcceptStep[] {
  if (mode === 'off') return [];
  const headerLimitMs = headerLimitSeconds * 1000;
  return [createProxyProtocolStep({ mode, trustedNetworks, headerLimitMs }, wheel)];
}

/** The last words to who came past the load balancer; undefined for another reason. */
export function bypassWords(protocol: Protocol, reason: AcceptRefusal): string | undefined {
  return reason.includes('proxy-header') ? BYPASS_WORDS[protocol] : undefined;
}
