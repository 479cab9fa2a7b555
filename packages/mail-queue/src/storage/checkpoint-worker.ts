/** The thread's side of `checkpoints.ts`: paths of databases, one after another. */
import { serveThread } from '@homeward/durable-store';
import { writeBackNow } from './checkpoints.ts';

serveThread(writeBackNow);
