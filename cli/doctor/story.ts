import { titleAfter } from '../../functions/core/job/providers.ts';
import { explain } from '../../functions/core/words/reasons.ts';
import { STOP_CAUSES } from '../../functions/core/words/stop-causes.ts';
import { tasksOf } from '../observe/look.ts';
import type { RecordOf } from '../observe/records.ts';
import type { JobView, LaunchView, TaskView } from '../observe/snapshot.ts';
import { unusualStop } from '../observe/unusual-stop.ts';
import { wantOf } from '../observe/why/want.ts';
import type { Investigation } from './investigate.ts';
import { createJudge, type Judgement } from './judge-job.ts';

interface Chapter {
  readonly atMs: number;
  readonly what: string;
}

/** What became of one job, and what is to be done. */
export interface Story extends Judgement {
  readonly job: JobView;
  readonly title: string;
  /** In the order of time: deliveries with decision and reason, launches, tasks, runner, outcome. */
  readonly chapters: readonly Chapter[];
}

/** Tells it from what was seen. Pure. */
export function tellStory(job: JobView, { snapshot, records }: Omit<Investigation, 'jobs'>): Story {
  const tasks = tasksOf(snapshot, job.jobId);
  const chapters = [
    ...(job.queuedAtMs === undefined ? [] : [{ atMs: job.queuedAtMs, what: 'queued at GitHub' }]),
    ...records.flatMap((record) => (record.kind === 'delivery' ? ofDelivery(record, job.jobId) : [])),
    ...job.launches.map(ofLaunch),
    ...waits(records, job.jobId),
    ...records.flatMap((record) => (record.kind === 'rerun' ? ofRerun(record, job.jobId) : [])),
    ...tasks.flatMap((task) => ofTask(task, job.jobId)),
    ...ofRun(job),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const name = job.name ?? `job ${job.jobId}`;
  const title = `${job.repository}: ${name} (${job.labels.join(', ')})`;
  return { job, title, chapters, ...createJudge(snapshot)(job) };
}

function ofDelivery({ atMs, status, reason, answer, job }: RecordOf<'delivery'>, jobId: number): Chapter[] {
  if (job?.job !== jobId) return [];
  if (job.action !== 'queued' && job.action !== 'waiting') return [];
  return [
    { atMs, what: `delivery of ${job.action} answered ${status}: ${reason ? `${reason}: ` : ''}${answer}` },
  ];
}

function ofLaunch({ atMs, by, runnerName, outcome, refusal, detail }: LaunchView): Chapter {
  const said = [outcome, refusal, detail].filter((part) => part !== undefined).join(': ');
  return { atMs, what: `launch of ${runnerName} by ${by}: ${said}` };
}

/** Its new attempt has jobs of its own. */
const ofRerun = ({ atMs, rerunJobId, reason }: RecordOf<'rerun'>, jobId: number): Chapter[] =>
  rerunJobId === jobId ? [{ atMs, what: `${reason}: ${explain(reason)}` }] : [];

/** Reconcile looks every few minutes and says the same: told when it first says it. */
function waits(records: Investigation['records'], jobId: number): Chapter[] {
  const said = records.filter(
    (record): record is RecordOf<'waiting'> => record.kind === 'waiting' && record.jobId === jobId,
  );
  const fresh = said.filter(({ reason }, index) => reason !== said[index - 1]?.reason);
  return fresh.map(({ atMs, reason }) => ({
    atMs,
    what: `reconcile left it waiting: ${reason}: ${explain(reason)}`,
  }));
}

function ofTask({ runnerName, ...task }: TaskView, jobId: number): Chapter[] {
  const made = `task of ${runnerName} made: ${task.size.vcpu} vCPU, ${task.size.memoryGiB} GiB, ${task.arch}${titleAfter(task.provider)}`;
  const pulled = task.phases['pull'];
  const end = [task.ending, whyStopped(task), task.stop?.reason, wantOf(task)]
    .filter((part) => part !== undefined)
    .join('; ');
  const swapped = task.runsJobId !== undefined && task.runsJobId !== jobId;
  return [
    { atMs: task.createdAtMs, what: made },
    ...at(
      task.startedAtMs,
      `task of ${runnerName} runs${pulled === undefined ? '' : `, its image pulled in ${pulled} s`}`,
    ),
    ...(swapped ? at(task.startedAtMs, `runner ${runnerName} took job ${task.runsJobId} instead`) : []),
    ...at(task.stoppedAtMs, `task of ${runnerName} stopped: ${end}`),
  ];
}

function whyStopped(task: Pick<TaskView, 'ending' | 'stop'>): string | undefined {
  const stop = unusualStop(task);
  return stop && `${stop.cause}: ${STOP_CAUSES[stop.cause]}`;
}

const ofRun = ({ runnerName, isSwapped, startedAtMs, completedAtMs, conclusion }: JobView): Chapter[] => [
  ...at(
    startedAtMs,
    `began on ${runnerName ?? 'a runner'}${isSwapped ? ', which was launched for another job' : ''}`,
  ),
  ...at(completedAtMs, `ended: ${conclusion ?? 'with no conclusion'}`),
];

const at = (atMs: number | undefined, what: string): Chapter[] =>
  atMs === undefined ? [] : [{ atMs, what }];
