import type { JobView, Snapshot } from '../snapshot.ts';
import { whyGitHubHoldsIt } from './at-github.ts';
import { whyItIsNotServed } from './not-served.ts';
import { observed } from './observed.ts';
import { whyItIsQueued } from './queued.ts';
import { whyItIsStarting } from './starting.ts';
import { type Wait, wait } from './waits.ts';

/**
 * Why each job of a snapshot has not begun; `undefined` for one that runs, runs elsewhere or has ended. Pure: what it takes
 * is looked up once for all jobs.
 */
export function createWhy(snapshot: Snapshot): (job: JobView) => Wait | undefined {
  const world = observed(snapshot);
  return (job) => {
    if (job.phase === 'done' || job.phase === 'running') return undefined;
    if (job.phase === 'ignored') return whyItIsNotServed(job, world) ?? whyGitHubHoldsIt(job);
    return (
      whyItIsNotServed(job, world) ??
      whyGitHubHoldsIt(job) ??
      whyItIsStarting(job, world) ??
      whyItIsQueued(job, world) ??
      wait('unexplained', 'Nothing that was read says why it waits: run oneshot doctor.')
    );
  };
}
