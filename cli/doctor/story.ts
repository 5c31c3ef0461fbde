import { titleAfter } from '../../functions/core/job/providers.ts';
import { explain } from '../../functions/core/words/reasons.ts';
import { STOP_CAUSES } from '../../functions/core/words/stop-causes.ts';
import type { JobLook } from '../observe/look.ts';
import type { RecordOf } from '../observe/records.ts';
import type { JobView, LaunchView, TaskView } from '../observe/snapshot.ts';
import { unusualStop } from '../observe/unusual-stop.ts';

interface Chapter {
  readonly atMs: number;
  readonly what: string;
}

/** What became of one job, and what is to be done. */
export interface Story {
  readonly job: JobView;
  readonly title: string;
  /** In the order of time: deliveries with decision and reason, launches, tasks, runner, outcome. */
  readonly chapters: readonly Chapter[];
  readonly verdict: string;
  readonly isWell: boolean;
}

/** Tells it from what was seen. Pure; `undefined` where nothing is known of the job. */
export function tellStory({ job, tasks, records }: JobLook): Story | undefined {
  if (job === undefined) return undefined;
  const chapters = [
    ...(job.queuedAtMs === undefined ? [] : [{ atMs: job.queuedAtMs, what: 'queued at GitHub' }]),
    ...records.flatMap((record) => (record.kind === 'delivery' ? ofDelivery(record) : [])),
    ...job.launches.map(ofLaunch),
    ...waits(records, job.jobId),
    ...tasks.flatMap((task) => ofTask(task, job.jobId)),
    ...ofRun(job),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const name = job.name ?? `job ${job.jobId}`;
  const title = `${job.repository}: ${name} (${job.labels.join(', ')})`;
  return { job, title, chapters, ...verdictOf(job, tasks) };
}

function ofDelivery({ atMs, status, reason, answer, job }: RecordOf<'delivery'>): Chapter[] {
  if (job?.action !== 'queued' && job?.action !== 'waiting') return [];
  return [
    { atMs, what: `delivery of ${job.action} answered ${status}: ${reason ? `${reason}: ` : ''}${answer}` },
  ];
}

function ofLaunch({ atMs, by, runnerName, outcome, refusal, detail }: LaunchView): Chapter {
  const said = [outcome, refusal, detail].filter((part) => part !== undefined).join(': ');
  return { atMs, what: `launch of ${runnerName} by ${by}: ${said}` };
}

/** Reconcile looks every few minutes and says the same: told when it first says it. */
function waits(records: JobLook['records'], jobId: number): Chapter[] {
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
  const end = [task.ending, whyStopped(task), task.stop?.reason, want(task)]
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

/** What its task ran out of, how much it had, and what gives more (docs/labels.md). */
function want({ ending, stop, size }: Pick<TaskView, 'ending' | 'stop' | 'size'>): string | undefined {
  const { memoryGiB, storageGiB } = size;
  if (ending === 'ran-out-of-memory' || stop?.cause === 'out-of-memory')
    return `it had ${memoryGiB} GiB of memory; for more, memory=${2 * memoryGiB} in the label of runs-on`;
  if (ending === 'ran-out-of-disk' || stop?.cause === 'disk-full')
    return `it had ${storageGiB} GiB of disk; for more, storage=${2 * storageGiB} in the label of runs-on`;
  return undefined;
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

function verdictOf(job: JobView, tasks: readonly TaskView[]): Pick<Story, 'verdict' | 'isWell'> {
  const why = job.reason === undefined ? '' : ` ${explain(job.reason)}.`;
  switch (job.phase) {
    case 'done': {
      const wanted = tasks
        .filter((task) => (task.runsJobId ?? task.launchedForJobId) === job.jobId)
        .map(want);
      const last = wanted.findLast((what) => what !== undefined);
      return {
        verdict: `It has ended.${last ? ` Its task ran out: ${last}.` : ''}`,
        isWell: last === undefined,
      };
    }
    case 'running':
      return { verdict: 'It runs.', isWell: true };
    case 'starting':
      return {
        verdict: 'Its task starts; a job begins when its runner has connected to GitHub.',
        isWell: true,
      };
    case 'ignored':
      return { verdict: `No runner is started for it:${why}`, isWell: false };
    case 'queued':
      return {
        verdict: `It waits:${why}${badEnd(tasks)} oneshot doctor looks at every link.`,
        isWell: false,
      };
  }
}

function badEnd(tasks: readonly TaskView[]): string {
  const last = tasks.findLast(({ status }) => status === 'STOPPED');
  if (last === undefined) return '';
  const why = [whyStopped(last), want(last)].filter((part) => part !== undefined).join('; ') || undefined;
  return ` Its last task ended as ${last.ending ?? 'unexplained'}${why === undefined ? '' : ` (${why})`}.`;
}
