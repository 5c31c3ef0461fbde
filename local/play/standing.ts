import type { Policy } from '../../functions/core/job/policy.ts';
import { counted } from '../../functions/core/words/count.ts';
import type { Job } from '../github/types.ts';
import type { World } from '../world/start-world.ts';
import { isOurs } from './summary.ts';

/** How things stand at one moment, judged by nobody. */
export interface Standing {
  readonly jobs: { readonly queued: number; readonly running: number; readonly done: number };
  readonly tasks: { readonly starting: number; readonly running: number; readonly stopping: number };
  readonly runners: number;
  readonly doubts: number;
  /** How often faults have struck. */
  readonly struck: number;
}

/** ECS's words for a task on its way to RUNNING. */
const STARTING = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

export function standingOf({ github, aws, faults }: World, policy: Policy): Standing {
  const ours = github.jobs().filter((job) => isOurs(job, policy));
  const of = (status: Job['status']) => ours.filter((job) => job.status === status).length;
  const live = aws.tasks().filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const tasksIn = (statuses: readonly string[]) =>
    live.filter(({ lastStatus = '' }) => statuses.includes(lastStatus)).length;
  const [starting, running] = [tasksIn(STARTING), tasksIn(['RUNNING'])];
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, one) => all + one, 0);
  return {
    jobs: { queued: of('queued'), running: of('in_progress'), done: of('completed') },
    tasks: { starting, running, stopping: live.length - starting - running },
    runners: github.runners().length,
    doubts: sum(Object.values(aws.queues.doubts.depth())),
    struck: sum(faults.struck.values()),
  };
}

/** In a line: what there is. */
export function describeStanding({ jobs, tasks, runners, doubts, struck }: Standing): string {
  const all = jobs.queued + jobs.running + jobs.done;
  const some = (number: number, words: string) => (number > 0 ? [words] : []);
  const ofJobs = [
    ...some(jobs.queued, `${jobs.queued} queued`),
    ...some(jobs.running, `${jobs.running} running`),
    `${jobs.done} of ${all} done`,
  ];
  const ofTasks = [
    ...some(tasks.starting, `${tasks.starting} starting`),
    ...some(tasks.running, `${tasks.running} running`),
    ...some(tasks.stopping, `${tasks.stopping} stopping`),
  ];
  return [
    ofJobs.join(', '),
    ...some(ofTasks.length, `tasks: ${ofTasks.join(', ')}`),
    ...(ofTasks.length === 0 ? some(runners, counted(runners, 'runner')) : []),
    ...some(doubts, counted(doubts, 'doubt')),
    ...some(struck, `${counted(struck, 'fault')} struck`),
  ].join('; ');
}

/** After Ctrl-C: what was under way is not lost. */
export const describeInterrupted = (standing: Standing): string =>
  `Interrupted: ${describeStanding(standing)}.\n` +
  'What was under way ended with the world, and says nothing about lost jobs.';
