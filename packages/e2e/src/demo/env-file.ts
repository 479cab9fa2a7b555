/** What `homeward demo --env-file` writes: dotenv lines, typed for tests. */

/** Doors of the front end, by the names that the env file has for their ports. */
export const DOORS = ['imap', 'imaps', 'pop3', 'pop3s', 'submission', 'submissions'] as const;
export type Door = (typeof DOORS)[number];

/** Somebody who can try to log in. */
export interface DemoLogin {
  readonly name: string;
  readonly password: string;
}

/** Ports of a back end's worker. */
export interface BackEndPorts {
  readonly imaps: number;
  readonly pop3s: number;
  readonly lmtps: number;
  /** Without TLS; with direct login alone. */
  readonly plain?: { readonly imap: number; readonly pop3: number; readonly submission: number };
}

/** A person of the demo, with where the mailbox is. */
export interface DemoUser extends DemoLogin {
  readonly site: string;
  /** Of the worker that owns the mailbox. */
  readonly backEnd: BackEndPorts;
}

/** The env file's facts. */
export interface DemoFacts {
  readonly host: string;
  /** The name that certificates carry. */
  readonly serverName: string;
  readonly caFile: string;
  readonly ports: Readonly<Record<Door, number>>;
  /** USER1, USER2 …, in order. */
  /** Where MTAs hand in mail. */
  readonly lmtpPort: number;
  /** The front end's health pages. */
  readonly opsUrl: string;
  /** Where messages to the outside end, one a file. */
  readonly sinkFolder: string;
  readonly users: readonly DemoUser[];
  readonly administrator: DemoLogin;
  readonly guest: DemoLogin;
  readonly anonymous: DemoLogin;
  /** What operators' commands read. */
  readonly configFile: string;
}

/** Parses `NAME=value` lines; values may be quoted. @throws if one is neither. */
export function parseEnvLines(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const found = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line);
    if (found === null) throw new Error(`no line of an env file: ${line}`);
    const [, name = '', value = ''] = found;
    values.set(name, /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value);
  }
  return values;
}

/** @throws with the name of what is missing. */
export function parseDemoFacts(text: string): DemoFacts {
  const values = parseEnvLines(text);
  const get = (name: string): string => {
    const value = values.get(name);
    if (value === undefined || value === '') throw new Error(`the env file has no ${name}`);
    return value;
  };
  const login = (prefix: string): DemoLogin => ({
    name: get(`${prefix}_USER`),
    password: get(`${prefix}_PASS`),
  });
  const users: DemoUser[] = [];
  while (values.has(`USER${users.length + 1}`)) {
    const number = users.length + 1;
    users.push({
      name: get(`USER${number}`),
      password: get(`PASS${number}`),
      site: get(`USER${number}_SITE`),
      backEnd: {
        imaps: Number(get(`USER${number}_BACKEND_IMAPS_PORT`)),
        pop3s: Number(get(`USER${number}_BACKEND_POP3S_PORT`)),
        lmtps: Number(get(`USER${number}_BACKEND_LMTPS_PORT`)),
        ...(values.has(`USER${number}_BACKEND_IMAP_PORT`) && {
          plain: {
            imap: Number(get(`USER${number}_BACKEND_IMAP_PORT`)),
            pop3: Number(get(`USER${number}_BACKEND_POP3_PORT`)),
            submission: Number(get(`USER${number}_BACKEND_SUBMISSION_PORT`)),
          },
        }),
      },
    });
  }
  return {
    host: get('HOST'),
    serverName: get('SERVER_NAME'),
    caFile: get('CA_FILE'),
    ports: {
      imap: Number(get('IMAP_PORT')),
      imaps: Number(get('IMAPS_PORT')),
      pop3: Number(get('POP3_PORT')),
      pop3s: Number(get('POP3S_PORT')),
      submission: Number(get('SUBMISSION_PORT')),
      submissions: Number(get('SUBMISSIONS_PORT')),
    },
    lmtpPort: Number(get('LMTP_PORT')),
    opsUrl: get('OPS_URL'),
    sinkFolder: get('SINK_FOLDER'),
    users,
    administrator: login('ADMINISTRATOR'),
    guest: login('GUEST'),
    anonymous: login('ANONYMOUS'),
    configFile: get('HOMEWARD_CONFIG'),
  };
}
