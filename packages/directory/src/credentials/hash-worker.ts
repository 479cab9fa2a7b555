/** Entry of a hash pool's thread: one job in, one result out, one at a time. */
import { parentPort } from 'node:worker_threads';
import { runHashJob, type HashJob } from './hash-job.ts';

parentPort?.on('message', (job: HashJob) => {
  parentPort?.postMessage(runHashJob(job));
});
