/** A thread that does as it is told, until it is told to die. */
import { serveThread } from '../thread-service.ts';

serveThread((body: unknown): unknown => {
  if (body === 'die') process.exit(1);
  if (body === 'throw') setImmediate(() => void Promise.reject(new Error('uncaught')));
  if (body === 'fail') throw Object.assign(new Error('failed'), { code: 'EIO' });
  return body === 'throw' ? new Promise(() => undefined) : body;
});
