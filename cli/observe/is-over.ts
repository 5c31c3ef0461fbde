import { tasksOf } from './look.ts';
import type { JobView, Snapshot } from './snapshot.ts';

/** Nothing more will happen to the job, as far as it can be seen from here. */
const isOver = ({ phase, conclusion, statusAtGitHub }: JobView): boolean =>
  phase === 'done' || conclusion !== undefined || (phase === 'ignored' && statusAtGitHub === undefined);

/** The jobs have ended, and their tasks have stopped: only these say for certain how it came. */
export const haveEnded = (jobs: readonly JobView[], snapshot: Pick<Snapshot, 'jobs' | 'tasks'>): boolean =>
  jobs.every(
    (job) => isOver(job) && tasksOf(snapshot, job.jobId).every(({ status }) => status === 'STOPPED'),
  );
