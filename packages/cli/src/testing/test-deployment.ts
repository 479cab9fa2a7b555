/**
 * A deployment in a temporary folder with one running site, for tests of commands that meet the
 * owner of a mailbox. `await using` ends the site and removes everything.
 */
import { readFile, writeFile } from 'node:fs/promises';
import {
  createTempFolder,
  type RunningProcess,
  startProcess,
  type TempFolder,
} from '@homeward/testkit';
import { holdDemoPorts } from '../demo/demo-ports.ts';
import { DEPLOYMENT_FILES } from '../init/deployment-plan.ts';
import type { OwnerConnection } from '../owner/owner-connection.ts';
import { openDeployment } from '../wiring.ts';
import {
  type CommandInput,
  type CommandResult,
  createCommandRunner,
  LAUNCHER,
  runHomewardHere,
} from './run-homeward.ts';

/** The only site. */
export const TEST_SITE = 'dublin';

export interface TestDeploymentOptions {
  /** YAML that is added to the site's configuration. */
  readonly siteConfig?: string;
  /** Whether people may log in at the site. */
  readonly directLogin?: boolean;
}

/** Makes the deployment and starts the site. */
export async function startTestDeployment(
  options: TestDeploymentOptions = {},
): Promise<TestDeployment> {
  const temp = await createTempFolder('deployment');
  const deployment = new TestDeployment(temp);
  try {
    await deployment.make(options);
    await deployment.startSite();
    return deployment;
  } catch (error) {
    await deployment[Symbol.asyncDispose]();
    throw error;
  }
}

/** Use `startTestDeployment`. */
export class TestDeployment implements AsyncDisposable {
  readonly temp: TempFolder;
  #site: RunningProcess | undefined;
  #imapsPort: number | undefined;
  #accountCount = 0;
  readonly #runner = createCommandRunner();

  constructor(temp: TempFolder) {
    this.temp = temp;
  }

  /** Its `homeward.yaml`. */
  get configFile(): string {
    return this.temp.join(DEPLOYMENT_FILES.operatorConfig);
  }

  get site(): RunningProcess {
    if (this.#site === undefined) throw new Error('the site was not started');
    return this.#site;
  }

  /** A site on ports that are free here, where init would take the well-known ones. */
  async make({ siteConfig = '', directLogin = false }: TestDeploymentOptions): Promise<void> {
    await this.#setUp('init', '--folder', this.temp.path, '--hostname', 'mail.example.org');
    const wishes = { portBase: undefined, siteCount: 1, workerCount: 1, hasPlainPorts: false };
    const held = await holdDemoPorts(wishes);
    const ports = held.ports.sites[0]?.[0];
    const address = ['127.0.0.1', ports?.imaps, ports?.pop3s, ports?.control].join(':');
    const mail = `submissions=${ports?.submissions},lmtps=${ports?.lmtps}`;
    await this.#setUp('site', 'add', TEST_SITE, '--worker', `${address},${mail}`);
    await this.#setUp('init', '--folder', this.temp.path, '--site', TEST_SITE);
    this.#imapsPort = ports?.imaps;
    const text = await readFile(this.siteConfigFile, 'utf8');
    // Nobody has to leave in peace.
    const login = `directLogin: ${directLogin}\nstopWindowSeconds: 0`;
    await writeFile(this.siteConfigFile, text.replace(/^directLogin: .*/m, login) + siteConfig);
    await held.release();
  }

  /** Of the site, where people may log in: its certificate is by `caFile`. */
  get imapsUrl(): string {
    return `imaps://127.0.0.1:${this.#imapsPort}`;
  }

  get caFile(): string {
    return this.temp.join(DEPLOYMENT_FILES.authority.certFile);
  }

  get siteConfigFile(): string {
    return this.temp.join(DEPLOYMENT_FILES.backEndConfig(TEST_SITE));
  }

  async startSite(): Promise<void> {
    const args = ['--', LAUNCHER, 'backend', '--config', this.siteConfigFile];
    this.#site = startProcess(process.execPath, { args, env: { HOMEWARD_CONFIG: undefined } });
    await this.#site.waitForLine(/service\.started/, 30_000);
  }

  async stopSite(): Promise<void> {
    this.#site?.signal('SIGTERM');
    await this.#site?.waitForExit(20_000);
    await this.#site?.stop();
    this.#site = undefined;
  }

  /** The `homeward` command, to its end; as a process the first time that one is run. */
  homeward(args: readonly string[], input: CommandInput = {}): Promise<CommandResult> {
    const env = { HOMEWARD_CONFIG: this.configFile, ...input.env };
    return this.#runner(args, { ...input, env });
  }

  /** What no test is about. */
  async #setUp(...args: readonly string[]): Promise<void> {
    const env = { HOMEWARD_CONFIG: this.configFile };
    const { code, stderr } = await runHomewardHere(args, { env });
    if (code !== 0) throw new Error(`homeward ${args.join(' ')}: ${code}: ${stderr}`);
  }

  /** The same, where nothing may go wrong; its `--json` result. */
  async json<Result = unknown>(...args: readonly string[]): Promise<Result> {
    const { code, stdout, stderr } = await this.homeward([...args, '--json']);
    if (code !== 0) throw new Error(`homeward ${args.join(' ')}: ${code}: ${stderr}`);
    return JSON.parse(stdout) as Result;
  }

  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.homeward(args);
    if (code !== 0) throw new Error(`homeward ${args.join(' ')}: ${code}: ${stderr}`);
    return stdout;
  }

  /** A new account without a password; its address. */
  async addAccount(...args: readonly string[]): Promise<string> {
    this.#accountCount += 1;
    const address = `user${this.#accountCount}@example.org`;
    await this.#setUp(
      'account',
      'add',
      address,
      '--site',
      TEST_SITE,
      '--without-password',
      ...args,
    );
    return address;
  }

  /** A new account that can log in where that is allowed. */
  async addPerson(password: string): Promise<string> {
    const address = await this.addAccount();
    const set = ['account', 'set', address, '--password-stdin'];
    const { code, stderr } = await this.homeward(set, { input: password });
    if (code !== 0) throw new Error(stderr);
    return address;
  }

  /** Talks to an account's mailbox at its owner. */
  async withOwner<Result>(
    address: string,
    use: (connection: OwnerConnection) => Promise<Result>,
  ): Promise<Result> {
    await using deployment = await openDeployment(this.configFile, {});
    const account = await deployment.accounts.find(address);
    if (account === undefined) throw new Error(`no account ${address}`);
    const connection = await deployment.connectToOwner(account);
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  }

  /** What FETCH says of each message of a folder: `(FLAGS EMAILID)`. */
  fetch(address: string, folder: string, items: string): Promise<readonly string[]> {
    return this.withOwner(address, async (connection) => {
      const opened = await connection.run(`EXAMINE "${folder}"`);
      if (opened.status !== 'OK') throw new Error(opened.text);
      const { untagged } = await connection.run(`FETCH 1:* ${items}`);
      return untagged.map((line) => line.replace(/^\* \d+ /, ''));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopSite();
    await this.temp.remove();
  }
}
