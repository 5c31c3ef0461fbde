/** What is not as at GitHub, for people. */
import type { TriggerEvent } from './filters.ts';
import type { PlannedJob, WorkflowRun } from './plan.ts';

export type IsServed = (labels: readonly string[]) => boolean;

export function notesOf(
  runs: readonly WorkflowRun[],
  idle: readonly string[],
  { name, ref }: TriggerEvent,
  { isServed }: { readonly isServed?: IsServed },
): string[] {
  return [
    ...runs.flatMap((run) => [...jobNotes(run, isServed), ...workflowNotes(run)]),
    ...idle.map((file) => `${file}: not started by a ${name} of ${ref}`),
  ];
}

function jobNotes({ workflow: { file }, jobs }: WorkflowRun, isServed: IsServed | undefined): string[] {
  const hosted = jobs.filter((job) => job.isHosted);
  const waiting = jobs.filter(
    ({ labels, isHosted }) => !isHosted && labels !== undefined && isServed?.(labels) === false,
  );
  return [
    ...grouped(
      hosted,
      (labels, names) => `${file}: on GitHub's runner ${labels}, not run here and without outputs: ${names}`,
    ),
    ...grouped(
      waiting,
      (labels, names) => `${file}: no runner here has the labels ${labels}, so these wait: ${names}`,
    ),
  ];
}

/** Jobs with the same labels are one note. */
function grouped(jobs: readonly PlannedJob[], note: (labels: string, names: string) => string): string[] {
  const all = Object.entries(Object.groupBy(jobs, ({ labels = [] }) => labels.join(', ')));
  return all.map(([labels, some = []]) => note(labels, namesOf(some.map(({ name }) => name))));
}

const MOST_NAMES = 3;

const namesOf = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;

function workflowNotes({ workflow, hasPaths }: WorkflowRun): string[] {
  const { file, ignored, jobs } = workflow;
  return [
    ...ignored.map((key) => `${file}: ${key} is left out of account`),
    ...jobs.flatMap((job) =>
      job.ignored.map((key) => `${file}: ${key} of ${job.key} is left out of account`),
    ),
    ...jobs
      .filter(({ environmentName }) => environmentName !== undefined)
      .map(({ key }) => `${file}: the environment of ${key} has no protection here: nobody is asked`),
    ...(hasPaths ? [`${file}: paths of its push are taken as changed`] : []),
  ];
}
