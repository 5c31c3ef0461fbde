import type { ActionsService } from './service.ts';
import { eachInterval } from './world-time.ts';

/** JobDispatcher.cs: the job's lease is renewed at this interval. */
const RENEWAL_SECONDS = 60;

/** Renews the job's lease until it ends. Resolves with true where GitHub has taken the job back. */
export function holdLease(service: ActionsService, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
    eachInterval(RENEWAL_SECONDS, signal, async () => {
      // What is not answered is tried again, and the lease is ten minutes.
      const answer = await service.renewJob().catch(() => 'renewed' as const);
      if (answer === 'lost' && !signal.aborted) resolve(true);
    });
  });
}
