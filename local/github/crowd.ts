/** Runs that stand about: many, cheap and silent, for what a reader of a busy repository meets. */
import type { Held } from './accounts.ts';
import type { ActionsWorld } from './actions-world.ts';
import { hostedTaker } from './job-store.ts';
import type { Run } from './records.ts';
import type { Job } from './types.ts';

export interface CrowdRequest {
  /** `owner/name`. */
  readonly repository: string;
  readonly runs: number;
  /** They wait for an approval, for a runner, or run on GitHub's own runners; they stay so. */
  readonly status: 'waiting' | 'queued' | 'in_progress';
  /** Default: `ubuntu-latest`, which no runner of anybody's has. */
  readonly labels?: Job['labels'];
  readonly jobsInEach?: number;
}

/** Adds the runs; nothing is sent. An approval can still be given. */
export function gather(actions: ActionsWorld, request: CrowdRequest, held: Held): Run[] {
  const { status, labels = ['ubuntu-latest'], jobsInEach = 1 } = request;
  const environment = status === 'waiting' ? { environment: 'production' } : {};
  const job = (index: number) => ({ name: `crowd ${index + 1}`, labels, durationSeconds: 0, ...environment });
  const jobs = Array.from({ length: jobsInEach }, (_, index) => job(index));
  const run = { repository: request.repository, workflow: 'Crowd', jobs };
  return Array.from({ length: request.runs }, (_, index) => {
    const added = actions.jobs.addRun(run, held.installation, held.repository);
    if (status === 'in_progress') for (const each of added.jobs) actions.start(each, hostedTaker(index + 1));
    actions.admit(added);
    return added;
  });
}
