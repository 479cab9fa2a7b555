/** How a front end, a site or a worker is emptied; all of it applies live. */
import { z } from 'zod';

export interface DrainingConfig {
  readonly windowSeconds: number;
  readonly noticeSeconds: number;
  readonly commandSeconds: number;
}

export const drainingSchema: z.ZodType<DrainingConfig> = z
  .strictObject({
    windowSeconds: z.number().int().min(0).max(86_400).default(60).meta({
      description:
        'Sessions end spread over so many seconds, so that not all mail programs come back at once.',
    }),
    noticeSeconds: z.number().int().min(0).max(300).default(10).meta({
      description:
        'How long logins go on behind the change of readiness: more than a load balancer takes to see it.',
    }),
    commandSeconds: z.number().int().min(1).max(3_600).default(30).meta({
      description:
        'How long a session that is to end may take over the command that it is running, an APPEND say.',
    }),
  })
  .prefault({})
  .meta({ description: 'How a front end, a site or a worker is emptied.' });
