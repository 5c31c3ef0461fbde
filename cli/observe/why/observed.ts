import type { JobView, Snapshot, TaskView } from '../snapshot.ts';

/** A snapshot, with what is looked up in it for each of many jobs. */
export interface Observed {
  readonly snapshot: Snapshot;
  readonly nowMs: number;
  /** By id. */
  readonly jobs: ReadonlyMap<number, JobView>;
  /** By the name of the runner. */
  readonly tasks: ReadonlyMap<string, TaskView>;
}

export const observed = (snapshot: Snapshot): Observed => ({
  snapshot,
  nowMs: snapshot.takenAtMs,
  jobs: new Map(snapshot.jobs.map((job) => [job.jobId, job])),
  tasks: new Map(snapshot.tasks.map((task) => [task.runnerName, task])),
});
