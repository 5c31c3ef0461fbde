/** The workflows of a folder, as runs of the embedded GitHub. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { commitOf, isRepository } from '../github/service/git.ts';
import { checkTemplate } from './checks.ts';
import type { RunFacts } from './contexts.ts';
import { type EventName, hasPaths, isTriggeredBy, type TriggerEvent, triggersOf } from './filters.ts';
import { inputProblems, inputsOf, type Values } from './inputs.ts';
import { type IsServed, notesOf } from './notes.ts';
import { planJobs, type WorkflowRun } from './plan.ts';
import { type Problem, WorkflowError } from './problems.ts';
import { parseTemplate, type Template } from './template.ts';
import { workflowOf } from './workflow.ts';

export interface ReadOptions {
  /** What happens at GitHub. Default: a push. */
  readonly event?: EventName;
  /** Default: `refs/heads/main`, whatever is checked out in the folder. */
  readonly ref?: string;
  /** `owner/name`, as `github.repository` has it. */
  readonly repository: string;
  /** The `vars` context. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Whether a runner of this world takes jobs with these labels. Without it, no note says that a job will wait. */
  readonly isServed?: IsServed;
}

/** What an event starts. */
export interface Workflows {
  readonly event: TriggerEvent;
  /** The commit that is checked out in the folder, where it is a git repository. */
  readonly sha?: string;
  readonly vars: Values;
  readonly runs: readonly WorkflowRun[];
  /** For people: what is not as at GitHub. */
  readonly notes: readonly string[];
}

const FOLDER = '.github/workflows';

/**
 * The runs that the event starts, of all `.github/workflows/*.yml` and `*.yaml` of the folder.
 * Throws a WorkflowError with all that is wrong in all files, those that the event does not start too.
 */
export async function readWorkflows(folder: string, options: ReadOptions): Promise<Workflows> {
  const { event: name = 'push', vars = {}, repository } = options;
  const sha = isRepository(folder) ? commitOf(folder, 'HEAD') : undefined;
  const event = { name, ref: options.ref ?? 'refs/heads/main' };
  const around = { event, vars, repository, sha: sha ?? '0'.repeat(40) };
  const files = (await textsOf(folder)).map(({ file, text }) => examine(file, text, around));
  const problems = files.flatMap((one) => one.problems);
  if (problems.length > 0) throw new WorkflowError(problems);
  const runs = files.flatMap(({ run }) => run ?? []);
  if (runs.length === 0) throw new WorkflowError([nothingStarts(event, files)]);
  const idle = files.filter(({ run }) => run === undefined).map(({ file }) => file);
  return { event, ...(sha !== undefined && { sha }), vars, runs, notes: notesOf(runs, idle, event, options) };
}

interface Text {
  readonly file: string;
  readonly text: string;
}

async function textsOf(folder: string): Promise<Text[]> {
  const names = await readdir(path.join(folder, FOLDER)).catch((error: NodeJS.ErrnoException) => {
    const message = `${path.join(folder, FOLDER)} cannot be read: ${error.code}`;
    throw new WorkflowError([{ file: FOLDER, message, fix: 'Name a folder that has workflows.' }]);
  });
  const files = names
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => `${FOLDER}/${name}`);
  return Promise.all(
    files.map(async (file) => ({ file, text: await readFile(path.join(folder, file), 'utf8') })),
  );
}

type Around = Pick<RunFacts, 'event' | 'repository' | 'sha'> & { readonly vars: Values };

interface Examined {
  readonly file: string;
  readonly problems: readonly Problem[];
  /** What it waits for, with the branches or tags of a push. */
  readonly events: readonly string[];
  /** Where the event starts it. */
  readonly run?: WorkflowRun;
}

function examine(file: string, text: string, around: Around): Examined {
  const template = parseTemplate(file, text);
  if (!('root' in template)) return { file, problems: template, events: [] };
  const events = triggersOf(template.events);
  const problems = checkTemplate(file, template.root);
  if (problems.length > 0 || !isTriggeredBy(around.event, template.events)) return { file, problems, events };
  return { file, events, ...started(file, template, around) };
}

function started(
  file: string,
  { root, events }: Template,
  around: Around,
): Pick<Examined, 'problems' | 'run'> {
  const isManual = around.event.name === 'workflow_dispatch';
  const missing = isManual ? inputProblems(file, root) : [];
  const workflow = workflowOf(file, root);
  const inputs = isManual ? inputsOf(root) : {};
  const { jobs, problems } = planJobs(workflow, { ...around, inputs });
  return {
    problems: [...missing, ...problems],
    run: { workflow, inputs, jobs, hasPaths: hasPaths(events) },
  };
}

function nothingStarts({ name, ref }: TriggerEvent, files: readonly Examined[]): Problem {
  const others = files.flatMap(({ file, events }) =>
    events.map((event) => `${event} (${path.basename(file)})`),
  );
  return {
    file: FOLDER,
    message: `Nothing starts by a ${name} of ${ref}`,
    fix: others.length === 0 ? `Add on: ${name} to a workflow.` : `What they wait for: ${others.join(', ')}.`,
  };
}
