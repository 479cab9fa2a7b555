/**
 * The table of who may import what, beyond the tiers. A rule that needs an exception gets it here,
 * with its reason, and not by a comment in the file that wants it.
 */

/** A module, or a family of modules, that only some places may import. */
export interface ModuleRule {
  readonly modules: RegExp;
  /** Paths that may import it. Test files and tier T may, unless `evenInTests` is set. */
  readonly allowed: RegExp;
  readonly what: string;
  readonly remedy: string;
  readonly evenInTests?: boolean;
}

/** Code that only some places may contain, found in the text without comments and strings. */
export interface CodeRule {
  readonly code: RegExp;
  readonly allowed: RegExp;
  readonly what: string;
  readonly remedy: string;
}

/** No path matches. */
const nowhere = /^(?!)/;

/** Rules on imports, on top of the tiers. `modules` is matched against package name or specifier. */
export const moduleRules: readonly ModuleRule[] = [
  {
    modules: /^node:(?:net|tls|dgram)$/,
    allowed: /^packages\/net\//,
    what: 'only packages/net touches sockets',
    remedy: 'Use what @homeward/net offers, or add it there.',
  },
  {
    modules: /^ioredis(?:\/|$)/,
    allowed: /^packages\/directory\/src\/redis\//,
    what: 'only the Redis driver of the directory imports ioredis',
    remedy: 'Go through the ports of @homeward/directory.',
  },
  {
    modules: /^ldapts(?:\/|$)/,
    allowed: /^packages\/ldap\//,
    what: 'only packages/ldap speaks LDAP',
    remedy: 'Go through what @homeward/ldap offers.',
  },
  {
    modules: /^nodemailer(?:\/|$)/,
    allowed: /^packages\/smart-hosts\//,
    what: 'only packages/smart-hosts sends by nodemailer',
    remedy: 'Go through the transport of @homeward/smart-hosts.',
  },
  {
    modules: /^pino(?:\/|$)/,
    allowed: /^packages\/service\/src\/logging/,
    what: 'only service/logging imports pino',
    remedy: 'Take the logger of @homeward/service as a parameter.',
  },
  {
    modules: /^prom-client(?:\/|$)/,
    allowed: /^packages\/service\/src\/metrics\//,
    what: 'only service/metrics imports prom-client',
    remedy: 'Declare the metric in a catalogue and take the metrics of @homeward/service.',
  },
  {
    modules: /^commander(?:\/|$)/,
    allowed: /^packages\/cli\//,
    what: 'only cli imports commander',
    remedy: 'Let the cli parse arguments and hand over values.',
  },
  {
    modules: /^node:sqlite$/,
    allowed: /^packages\/(?:durable-store|text-index|directory)\//,
    what: 'only durable-store, the index of texts and the embedded directory touch SQLite',
    remedy: 'Go through what @homeward/durable-store offers, or the ports of @homeward/directory.',
  },
  {
    modules: /^@homeward\/(?:mailstore(?:\/|$)|(?:imap|pop3)\/session$)/,
    allowed: /^packages\/(?!frontend\/)/,
    evenInTests: true,
    what: 'the front end knows no mail store and no session',
    remedy: 'Let the back end do it; a test that needs both belongs in packages/e2e.',
  },
  {
    // A front end takes mail from MTAs by LMTP, and keeps none: homes answer for each recipient.
    modules: /^@homeward\/smtp\/session$/,
    allowed: /^packages\/(?!frontend\/)|^packages\/frontend\/src\/(?:lmtp\/|wiring\/lmtp-)/,
    evenInTests: true,
    what: 'the front end has no session but that of LMTP',
    remedy: 'Let the back end do it; a test that needs both belongs in packages/e2e.',
  },
  {
    modules: /^@homeward\/(?:imap|pop3|smtp)\/upstream$/,
    allowed: /^packages\/(?!backend\/)/,
    evenInTests: true,
    what: 'the back end opens no upstream connection',
    remedy:
      'The client half belongs to the front end; a test that needs both goes to packages/e2e.',
  },
  {
    modules: /^@homeward\/(?:imap|pop3|smtp)(?:\/|$)/,
    // The page of what is offered asks the dialogues themselves.
    allowed: /^(?:tools\/rfc\/|packages\/(?!mailstore\/|durable-store\/))/,
    evenInTests: true,
    what: 'the mail store knows no protocol',
    remedy: 'Put the protocol side into the store adapter of the back end.',
  },
];

/** What pure code may import of Node: modules that touch nothing outside. */
export const pureNodeModules: ReadonlySet<string> = new Set([
  'node:assert',
  'node:buffer',
  'node:crypto',
  'node:string_decoder',
  'node:url',
  'node:util',
]);

/** Inside a protocol package: which of its folders each folder may import. */
export const protocolFolders: ReadonlyMap<string, readonly string[]> = new Map([
  ['grammar', []],
  ['preauth', ['grammar']],
  ['session', ['grammar']],
  ['upstream', ['grammar']],
]);

/** Packages that have the folders above. */
export const protocolPackages: ReadonlySet<string> = new Set(['imap', 'pop3', 'smtp']);

/** Rules on the code of tier 0: no clock, timer, randomness, environment or console. */
export const pureCodeRules: readonly CodeRule[] = [
  {
    code: /(?<![.\w$#])(?:Date\.now|performance\.now|process\.hrtime)\b|\bnew Date\(\s*\)/g,
    allowed: nowhere,
    what: 'pure code reads no clock',
    remedy: 'Take the time as a parameter, in milliseconds.',
  },
  {
    code: /(?<![.\w$#]|function )(?:setTimeout|setInterval|setImmediate)\s*\(/g,
    allowed: nowhere,
    what: 'pure code starts no timer',
    remedy: 'Return what to wait for, or take a clock as a parameter.',
  },
  {
    code: /\bMath\.random\b|(?<![\w$#])(?:randomBytes|randomUUID|randomInt|randomFill(?:Sync)?|getRandomValues)\b/g,
    allowed: nowhere,
    what: 'pure code draws no random numbers',
    remedy: 'Take the random octets as a parameter.',
  },
  {
    code: /(?<![.\w$#])process\s*\./g,
    allowed: nowhere,
    what: 'pure code knows no process',
    remedy: 'Take what it needs as a parameter.',
  },
];

/** Rules on the code of every shipped file. */
export const codeRules: readonly CodeRule[] = [
  {
    code: /(?<![.\w$#])process\s*\.\s*env\b/g,
    allowed: /^packages\/(?:service\/src\/config|cli\/bin\/)/,
    what: 'only service/config reads the environment',
    remedy: 'Add a setting to the configuration and pass its value.',
  },
];

/** Files of programs that may construct classes of other packages. */
export const wiringFile: RegExp = /(?:^|[/-])(?:wiring|main)\.ts$/;
