/** What each fault means, for the operator who finds its name in a log, a metric or a command. */
import type { Fault } from './fault.ts';

/** One sentence each, and what to look at where that is not plain. */
export const FAULT_HELP: Readonly<Record<Fault, string>> = {
  'unknown-user': 'Nobody has the login name.',
  'no-secret': 'The account has no password, or none of the kind that the mechanism needs.',
  'wrong-password': 'The password was wrong.',
  'blocked-kind': 'The account is a guest, anonymous or an administrator: none ever gets in.',
  'act-as-not-allowed':
    'Somebody named another’s mailbox that he may not open; the detail says why.',
  'mechanism-not-accepted': 'The mechanism is not one that anybody is let in by here.',
  'channel-binding-failed':
    'SCRAM-…-PLUS: the client saw another TLS connection than we did; somebody may stand between.',
  'token-refused': 'An access token was not accepted; the detail says why, and whose it was.',
  'malformed-credentials': 'What the client sent as credentials could not be read.',
  'access-rule':
    'A client access rule about accounts or sites denies it; told as a wrong password.',
  'access-denied': 'A client access rule, or throttle.denyNetworks, denies such logins.',
  'account-disabled': 'The account is switched off, here or in LDAP.',
  'protocol-not-enabled': 'The account or its home does not have the protocol.',
  'privacy-required': 'The login needs TLS first (loginType).',
  'too-many-sessions': 'The account has as many sessions as it may (connectionLimits.perUser).',
  'too-many-connections': 'The address has as many as it may (connectionLimits.perAddress).',
  throttled: 'Too many wrong passwords from there, or at the account; see homeward throttle show.',
  'mailbox-in-use': 'The mailbox is open elsewhere, and the protocol lets in one at a time (POP3).',
  'login-delay': 'Logins to the mailbox must lie further apart (pop3.loginDelaySeconds).',
  'directory-unavailable': 'The directory is away, and the account is not among those known.',
  'ldap-unavailable': 'No LDAP server answers; nothing is known of the password.',
  'ldap-account-refused': 'LDAP knows the person, but no account can be made of the entry.',
  'verifier-busy': 'Too many passwords wait to be verified.',
  'front-end-busy':
    'Too many log in at once; whoever would have to wait for ten seconds is told to come back.',
  'token-issuer-unavailable': 'The issuer’s keys cannot be had, so the token cannot be judged.',
  'site-unknown': 'The account’s home is not in the directory.',
  'shard-unassigned': 'The site’s shard table names no worker for the account.',
  'site-without-protocol':
    'The account’s worker has no port for the protocol in the site’s record: see homeward site show.',
  'site-unreachable': 'No connection to the home; is its back end running?',
  'site-tls-failed': 'The home’s certificate or TLS is not as it must be.',
  'site-broke-off': 'The home closed the connection during the login.',
  'site-broke-protocol': 'The home said what is no IMAP, POP3 or SMTP.',
  'site-refused': 'The home let the front end’s login not through; its own log says why.',
  'site-secret-missing': 'The front end has not the secret that the site’s record names.',
  'site-loop': 'The way to the home leads back to a front end.',
  'in-maintenance': 'The home, or its worker, is in maintenance: see `homeward component list`.',
  'site-down': 'The home was found not to answer; its clients are told at once.',
  'site-recovering': 'The home answers again and lets its clients in by and by.',
  'home-limit': 'The home has a limit of its own.',
  'login-deadline': 'The login took too long; the detail says in which stage.',
  'shutting-down': 'The front end is about to stop.',
  'ticket-refused': 'A back end did not accept a front end’s ticket.',
  'not-our-account': 'The account belongs to another site or worker.',
  'stale-epoch': 'The mailbox has moved; the ticket is of before.',
  'mailbox-sealed': 'The mailbox is being moved or restored.',
  'store-unavailable': 'The mailbox cannot be opened.',
  'volume-full': 'The site’s volume is full.',
  'internal-error': 'A bug; the log has the error.',
};
