/** What GitHub does next for a run: a job is queued, skipped or cancelled when what it needs is over. Pure. */
import type { Conclusion } from '../github/types.ts';
import { type Expansion, expandJob } from './expand.ts';
import { holds } from './expressions.ts';
import type { Values } from './inputs.ts';
import type { JobTemplate, Workflow } from './workflow.ts';

/** A job that was queued, or has ended without that. */
export interface JobState {
  readonly id: number;
  /** `null`: it is not over. */
  readonly conclusion: Conclusion | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly continueOnError: boolean;
  /** It was told to end. */
  readonly isCancelled: boolean;
}

/** All jobs of one key. */
export interface GroupState {
  /** In the order in which they ended, then those that are not over. */
  readonly jobs: readonly JobState[];
  readonly failFast: boolean;
}

export interface RunState {
  /** By key; none of a key whose needs are not over. */
  readonly groups: ReadonlyMap<string, GroupState>;
  /** Somebody cancelled the run. */
  readonly isCancelled: boolean;
}

export type Step =
  | {
      readonly kind: 'queue';
      readonly job: JobTemplate;
      readonly needs: Values;
      readonly expansion: Expansion;
    }
  | { readonly kind: 'skip'; readonly job: JobTemplate }
  | { readonly kind: 'fail'; readonly job: JobTemplate; readonly reason: string }
  | { readonly kind: 'cancel'; readonly jobId: number };

/** `contexts`: `github`, `inputs` and `vars` of the run. */
export function nextSteps(workflow: Workflow, run: RunState, contexts: Values): Step[] {
  const due = workflow.jobs.filter(
    (job) => !run.groups.has(job.key) && job.needs.every((key) => isOver(run, key)),
  );
  return [
    ...due.map((job) => begin(workflow, job, run, contexts)),
    ...cancellations(workflow, run, contexts),
  ];
}

/** Every job of every key has ended. */
export const isRunOver = ({ jobs }: Workflow, run: RunState): boolean =>
  jobs.every(({ key }) => isOver(run, key));

function isOver({ groups }: RunState, key: string): boolean {
  const group = groups.get(key);
  return group?.jobs.every(({ conclusion }) => conclusion !== null) === true;
}

function begin(workflow: Workflow, job: JobTemplate, run: RunState, contexts: Values): Step {
  const needs = needsOf(job, run);
  try {
    if (!isWanted(workflow, job, run, contexts)) return { kind: 'skip', job };
    return { kind: 'queue', job, needs, expansion: expandJob(job, { ...contexts, needs }) };
  } catch (error) {
    return { kind: 'fail', job, reason: error instanceof Error ? error.message : String(error) };
  }
}

function isWanted(workflow: Workflow, job: JobTemplate, run: RunState, contexts: Values): boolean {
  const status = statusFunctions(workflow, job, run);
  try {
    return holds(job.condition, { contexts: { ...contexts, needs: needsOf(job, run) }, status });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Error when evaluating 'if' for job '${job.key}'. ${reason}`);
  }
}

/** Without arguments they are about all jobs before this one, not only those that it names (GH-60). */
function statusFunctions(workflow: Workflow, job: JobTemplate, run: RunState) {
  const before = [...ancestorsOf(workflow, job)];
  const results = (keys: readonly string[]) =>
    (keys.length > 0 ? keys : before).map((key) => resultOf(run.groups.get(key)));
  return {
    success: (keys: readonly string[]) =>
      !run.isCancelled && results(keys).every((result) => result === 'success'),
    failure: (keys: readonly string[]) => results(keys).includes('failure'),
    cancelled: () => run.isCancelled,
    always: () => true,
  };
}

function ancestorsOf({ jobs }: Workflow, { needs }: JobTemplate): ReadonlySet<string> {
  const found = new Set(needs);
  // A set visits what is added while it is walked through.
  for (const key of found)
    for (const need of jobs.find((job) => job.key === key)?.needs ?? []) found.add(need);
  return found;
}

const needsOf = ({ needs }: JobTemplate, { groups }: RunState): Values =>
  Object.fromEntries(
    needs.map((key) => [key, { result: resultOf(groups.get(key)), outputs: outputsOf(groups.get(key)) }]),
  );

/** Of a matrix: the worst of its jobs. A failure that `continue-on-error` allows counts as success (GH-61). */
function resultOf(group: GroupState | undefined): Conclusion {
  const results = (group?.jobs ?? []).map(({ conclusion, continueOnError }) =>
    conclusion === 'failure' && continueOnError ? 'success' : conclusion,
  );
  const worst = (['failure', 'cancelled', 'success'] as const).find((result) => results.includes(result));
  return worst ?? 'skipped';
}

/** Of a matrix: what the last of its jobs says that says anything (GH-62). */
function outputsOf(group: GroupState | undefined): Readonly<Record<string, string>> {
  const all = (group?.jobs ?? []).map(({ outputs }) =>
    Object.entries(outputs).filter(([, value]) => value !== ''),
  );
  return Object.fromEntries(all.flat());
}

function cancellations(workflow: Workflow, run: RunState, contexts: Values): Step[] {
  return workflow.jobs.flatMap((job) => {
    const group = run.groups.get(job.key);
    const alive = (group?.jobs ?? []).filter((one) => one.conclusion === null && !one.isCancelled);
    if (group === undefined || alive.length === 0) return [];
    const ends = hasFailedFast(group) || (run.isCancelled && !outlives(workflow, job, run, contexts));
    return ends ? alive.map(({ id }): Step => ({ kind: 'cancel', jobId: id })) : [];
  });
}

const hasFailedFast = ({ jobs, failFast }: GroupState): boolean =>
  failFast && jobs.some(({ conclusion, continueOnError }) => conclusion === 'failure' && !continueOnError);

/** A running job whose condition still holds is not cancelled with its run (GH-63). */
function outlives(workflow: Workflow, job: JobTemplate, run: RunState, contexts: Values): boolean {
  try {
    return isWanted(workflow, job, run, contexts);
  } catch {
    return false;
  }
}
