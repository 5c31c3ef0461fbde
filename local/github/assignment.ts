/** Which queued jobs GitHub gives away now, and which runners it gives them to. */
import type { JobRecord, Taker } from './job-store.ts';
import type { RunnerRecord } from './runner-registry.ts';

const isTaken = ({ status, assignedTo }: JobRecord): boolean =>
  status === 'in_progress' || (status === 'queued' && assignedTo !== null);

/** `strategy.max-parallel`: every job is announced as queued at once, and few are given away (runs-on#452). */
const hasRoom = ({ run }: JobRecord): boolean => run.jobs.filter(isTaken).length < run.maxParallel;

export const isToBeGiven = (job: JobRecord): boolean =>
  job.status === 'queued' && job.assignedTo === null && !job.run.isForgotten && hasRoom(job);

export const isIdle = (runner: RunnerRecord): boolean =>
  runner.connected && runner.sessionId !== null && runner.job === null && !runner.ghost;

export const takerOf = ({ id, name, group }: RunnerRecord): Taker => ({
  id,
  name,
  groupId: group.id,
  groupName: group.name,
});

/** A runner of GitHub's own. */
export const hostedTaker = (number: number): Taker => ({
  id: number,
  name: `GitHub Actions ${number}`,
  groupId: 0,
  groupName: 'GitHub Actions',
});
