/** What came of each job, for those who play their own workflows or a real runner. */
import { sizeWords } from '../../cli/observe/cost.ts';
import { PAINT } from '../../cli/terminal.ts';

import type { Policy } from '../../functions/core/job/policy.ts';
import { counted } from '../../functions/core/words/count.ts';
import { isHosted } from '../github/hosted-runners.ts';
import { stepLog } from '../github/job-log.ts';
import type { Conclusion, Job } from '../github/types.ts';
import type { World } from '../world/start-world.ts';
import { readingOf } from './summary.ts';
import { wrapped } from './wrapped.ts';

export interface ListedJob {
  readonly id: number;
  readonly repository: string;
  readonly workflow: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** What its labels come to: a size, why it cannot be served, or who else has to. */
  readonly served: string;
  /** Null where it was not over at the end. */
  readonly result: Conclusion | null;
  /** Its first annotation. */
  readonly reason: string | null;
  /** World seconds from the queue to the start, and from there to the end. */
  readonly waitedSeconds: number | null;
  readonly ranSeconds: number | null;
  /** While the world is up. */
  readonly url: string;
}

/** All jobs, in the order in which they were queued. */
export const listJobs = ({ github }: World, policy: Policy): ListedJob[] =>
  github.jobs().map((job) => ({
    id: job.id,
    repository: job.repository,
    workflow: job.workflow,
    name: job.name,
    labels: job.labels,
    served: servedAs(job, policy),
    result: job.conclusion,
    reason: job.annotation,
    waitedSeconds: secondsBetween(job.queuedAtMs, job.startedAtMs),
    ranSeconds: secondsBetween(job.startedAtMs, job.completedAtMs),
    url: `${github.url}/${job.repository}/actions/runs/${job.runId}/job/${job.id}`,
  }));

function servedAs({ labels, repository }: Job, policy: Policy): string {
  if (labels.length === 0) return 'it was not queued';
  const reading = readingOf({ labels, repository }, policy);
  if (reading.kind === 'ours') return sizeWords(reading.given, reading.given.arch, reading.given.provider);
  if (reading.kind === 'unservable') return `cannot be served: ${reading.detail}`;
  return isHosted({ labels }) ? 'a runner of GitHub’s, not run here' : 'no runner here has these labels';
}

const secondsBetween = (fromMs: number | null, toMs: number | null): number | null =>
  fromMs === null || toMs === null ? null : Math.round((toMs - fromMs) / 100) / 10;

/** Of a log. */
const LAST_LINES = 12;

/** The end of what the step said that failed; nothing of a job that has not failed, or ran no steps. */
export function endOfLog({ github }: World, { id }: Pick<ListedJob, 'id'>): string[] {
  const job = github.actions.jobs.get(id);
  const step = job?.report?.steps().find(({ conclusion }) => conclusion === 'failure');
  if (job === undefined || step === undefined) return [];
  return [step.name, ...stepLog(job, step.id).map(withoutTime).slice(-LAST_LINES)];
}

const withoutTime = (line: string): string => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '');

/** Of more jobs than this, those that succeeded are only counted. */
const MOST_SUCCESSES = 30;

/** A few lines for each job. `hasPages`: its page stays, so the address is of use. */
export function formatJobs(
  jobs: readonly ListedJob[],
  { hasPages, logOf }: { readonly hasPages: boolean; readonly logOf: (job: ListedJob) => readonly string[] },
): string {
  const successes = jobs.filter(({ result }) => result === 'success').length;
  const isCounted = ({ result }: ListedJob) => result === 'success' && successes > MOST_SUCCESSES;
  const lines = jobs
    .filter((job) => !isCounted(job))
    .flatMap((job) => [
      heading(job),
      indented(factsOf(job)),
      ...(hasPages ? [indented(job.url)] : []),
      ...logOf(job).map((line) => PAINT.dim(`    | ${line}`)),
    ]);
  if (successes > MOST_SUCCESSES) lines.push(`${PAINT.green('✓')} ${counted(successes, 'job')} succeeded`);
  return lines.join('\n');
}

function heading({ repository, workflow, name, result, reason }: ListedJob): string {
  const mark = result === 'success' ? PAINT.green('✓') : PAINT.yellow(result === null ? '?' : '✗');
  const end = result === 'success' ? '' : `: ${result ?? 'not over'}${reason === null ? '' : ` (${reason})`}`;
  return wrapped(`${mark} ${repository} ${workflow} / ${name}${end}`, INDENT);
}

const INDENT = 4;

const indented = (text: string): string => `${' '.repeat(INDENT)}${wrapped(text, INDENT)}`;

function factsOf({ labels, served, waitedSeconds, ranSeconds }: ListedJob): string {
  const times = [
    ...(waitedSeconds === null ? [] : [`waited ${waitedSeconds} s`]),
    ...(ranSeconds === null ? [] : [`ran ${ranSeconds} s`]),
  ].join(', ');
  const asked = labels.length === 0 ? served : `${labels.join(', ')} (${served})`;
  return `${asked}${times === '' ? '' : `; ${times}`}`;
}
