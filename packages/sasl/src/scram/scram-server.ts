/**
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), the server's half. It knows no keys:
 * it asks for the salt that its client is to use, and hands out the client's proof, which whoever
 * knows the account verifies as he would a password. So one login is counted, delayed and logged
 * like any other, and the client hears `v=` only when it is let in.
 *
 * Deviation: a refusal is told by the protocol alone, without a server-final-message that says
 * `e=` (RFC 5802 §5.1 lets us): the words are the same whatever was wrong.
 */
import type { ChannelBindingFault } from '../login-dialogue.ts';
import type { SaslServer, SaslStep } from '../sasl-server.ts';
import type { ScramParameters } from './scram-parameters.ts';
import type { ChannelBindingType, SaslSurroundings } from '../sasl-surroundings.ts';
import { parseClientFinal, parseClientFirst, type ClientFirst } from './client-messages.ts';

/** What is known once the first message was read. */
interface Opening {
  readonly first: ClientFirst;
  /** What `c=` must say, base64. */
  readonly binding: string;
  readonly nonce: string;
  serverFirst: string;
}

/** @param isPlus The mechanism that binds the login to its TLS connection. */
export function createScramServer(surroundings: SaslSurroundings, isPlus: boolean): SaslServer {
  let opening: Opening | undefined;

  function open(message: Uint8Array): SaslStep {
    const first = parseClientFirst(message);
    if (!first.ok) return { kind: 'failed', reason: first.reason };
    const binding = findBinding(first, surroundings, isPlus);
    if (!binding.ok) return refuseBinding(first, binding.fault);
    const nonce = first.nonce + surroundings.makeNonce();
    opening = { first, binding: binding.expected, nonce, serverFirst: '' };
    const { loginName, gs2 } = first;
    return { kind: 'parameters-wanted', loginName, actAs: gs2.authzid, proceed };
  }

  function proceed({ salt, iterationCount }: ScramParameters): SaslStep {
    if (opening === undefined) throw new Error('parameters for an exchange that has not begun');
    opening.serverFirst = `r=${opening.nonce},s=${salt},i=${iterationCount}`;
    return { kind: 'challenge', octets: Buffer.from(opening.serverFirst) };
  }

  return {
    start: (initialResponse) =>
      initialResponse === undefined
        ? { kind: 'challenge', octets: new Uint8Array(0) }
        : open(initialResponse),
    step: (response) => (opening === undefined ? open(response) : finish(opening, response)),
    refused: () => undefined,
  };
}

/** server-final-message of a login that succeeded. */
export function formatServerFinal(serverSignature: Uint8Array): Uint8Array {
  return Buffer.from(`v=${Buffer.from(serverSignature).toString('base64')}`);
}

function finish({ first, binding, nonce, serverFirst }: Opening, response: Uint8Array): SaslStep {
  const final = parseClientFinal(response);
  if (!final.ok) return { kind: 'failed', reason: final.reason };
  if (final.nonce !== nonce) return { kind: 'failed', reason: 'malformed' };
  // Somebody between us ended the client's TLS and began another, or changed its first message.
  if (final.channelBinding !== binding) return refuseBinding(first, 'mismatch');
  const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
  return {
    kind: 'credentials',
    credentials: {
      kind: 'scram',
      loginName: first.loginName,
      actAs: first.gs2.authzid,
      authMessage,
      clientProof: final.proof,
      bindingFault: undefined,
    },
  };
}

/** RFC 5802 §6. @returns What `c=` must say, or why the exchange cannot succeed. */
function findBinding(
  { gs2, gs2Text }: ClientFirst,
  { findChannelBinding }: SaslSurroundings,
  isPlus: boolean,
):
  | { readonly ok: true; readonly expected: string }
  | { readonly ok: false; readonly fault: ChannelBindingFault } {
  const { channelBinding } = gs2;
  if (channelBinding.flag !== 'p') {
    if (isPlus) return { ok: false, fault: 'missing' };
    // It can bind and was told that we cannot: somebody took PLUS out of our list.
    const isDowngraded = channelBinding.flag === 'y' && findChannelBinding !== undefined;
    if (isDowngraded) return { ok: false, fault: 'downgraded' };
    return { ok: true, expected: Buffer.from(gs2Text).toString('base64') };
  }
  const data =
    isPlus && isKnownType(channelBinding.name)
      ? findChannelBinding?.(channelBinding.name)
      : undefined;
  if (data === undefined) return { ok: false, fault: 'unsupported' };
  return { ok: true, expected: Buffer.concat([Buffer.from(gs2Text), data]).toString('base64') };
}

function isKnownType(name: string): name is ChannelBindingType {
  return name === 'tls-exporter' || name === 'tls-server-end-point';
}

/** Ends as a login that is refused, not as a mistake of syntax: an operator wants to hear of it. */
function refuseBinding(first: ClientFirst, fault: ChannelBindingFault): SaslStep {
  return {
    kind: 'credentials',
    credentials: {
      kind: 'scram',
      loginName: first.loginName,
      actAs: first.gs2.authzid,
      authMessage: '',
      clientProof: new Uint8Array(0),
      bindingFault: fault,
    },
  };
}
