/** Real clients through the front end, with the directory in a file. */
import { afterAll, beforeAll } from 'vitest';
import { CLIENT_SUITE_ACCOUNTS, describeRealClients } from './client-suite.ts';
import { type Demo, startDemo } from './demo/demo.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ accountCount: CLIENT_SUITE_ACCOUNTS });
});
afterAll(() => demo?.stop());

describeRealClients('embedded directory', () => demo);
