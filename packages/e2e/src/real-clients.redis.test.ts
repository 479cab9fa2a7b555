/** Real clients through the front end, with the directory in Redis. */
import { startRedis, type TestRedis } from '@homeward/testkit';
import { afterAll, beforeAll } from 'vitest';
import { CLIENT_SUITE_ACCOUNTS, describeRealClients } from './client-suite.ts';
import { type Demo, startDemo } from './demo/demo.ts';

let redis: TestRedis;
let demo: Demo;
beforeAll(async () => {
  redis = await startRedis();
  demo = await startDemo({ accountCount: CLIENT_SUITE_ACCOUNTS, redisUrl: redis.url });
});
afterAll(async () => {
  await demo?.stop();
  await redis?.stop();
});

describeRealClients('Redis directory', () => demo);
