/** A user's own workflows, played instead of the scenario. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CliError, EXIT } from '../../cli/errors.ts';
import { readLabels } from '../../functions/core/job/labels.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { counted } from '../../functions/core/words/count.ts';
import { isHosted } from '../github/hosted-runners.ts';
import { WorkflowError } from '../workflows/problems.ts';
import { readWorkflows, type Workflows } from '../workflows/read.ts';
import { startWorkflows } from '../workflows/start.ts';
import { installationsFor } from '../world/accounts.ts';
import type { World } from '../world/start-world.ts';

export interface OwnWorkflows {
  readonly workflows: Workflows;
  /** `owner/name` that the folder has in the world. */
  readonly repository: string;
  /** A folder with that name in it, which is a link to the folder. */
  readonly repositories: string;
  remove(): void;
}

/** Reads what a push starts of a folder's workflows. Throws a CliError with all that is wrong with them. */
export async function readOwnWorkflows(asked: string, policy: Policy): Promise<OwnWorkflows> {
  const folder = path.resolve(asked.replace(/^~(?=\/|$)/, os.homedir()));
  const [installation] = installationsFor(policy);
  const repository = `${installation?.owner.login}/${installation?.repositories[0]?.name}`;
  const isServed = (labels: readonly string[]) => readLabels(labels, policy).kind !== 'foreign';
  const workflows = await readWorkflows(folder, { repository, isServed }).catch((error: unknown) => {
    if (!(error instanceof WorkflowError)) throw error;
    const problems = counted(error.problems.length, 'problem');
    throw new CliError(
      `${problems} in the workflows of ${asked}:\n${error.message}`,
      'correct them, then try again',
      EXIT.usage,
    );
  });
  return { workflows, repository, ...linkTo(folder, repository) };
}

function linkTo(folder: string, repository: string): Pick<OwnWorkflows, 'repositories' | 'remove'> {
  const repositories = mkdtempSync(path.join(os.tmpdir(), 'oneshot-repositories-'));
  mkdirSync(path.dirname(path.join(repositories, repository)));
  symlinkSync(folder, path.join(repositories, repository));
  return { repositories, remove: () => rmSync(repositories, { recursive: true, force: true }) };
}

/** In a sentence without its end. */
export function describeWorkflows({ workflows, repository }: OwnWorkflows): string {
  const jobs = workflows.runs.flatMap((run) => run.jobs);
  const names = workflows.runs.map(({ workflow }) => workflow.name).join(', ');
  return `${counted(jobs.length, 'job')} of ${names} in ${repository}`;
}

const SIMULATED =
  'No step is run without --runner: each job waits for a task of its size, works for a time of the seed’s choice, and succeeds without outputs, so that a matrix made of outputs fails.';

/** What is not as at GitHub. */
export const notesOf = ({ workflows }: OwnWorkflows, isReal: boolean): string[] => [
  ...(isReal ? [] : [SIMULATED]),
  ...workflows.notes,
];

/** How long one may take. World time. */
const LONGEST_MS = 6 * 3_600_000;

/** Resolves when each job is over. What nobody here will ever take is cancelled once nothing else is left. */
export async function playWorkflows(world: World, own: OwnWorkflows, random: () => number): Promise<void> {
  const { github, clock, policy } = world;
  const simulatedSeconds = () => Math.round(20 + random() * 70);
  const options = world.runner ? {} : { simulatedSeconds };
  const started = startWorkflows(github, own.repository, own.workflows, options);
  let isOver = false;
  void started.over.then(() => {
    isOver = true;
  });
  const endsAtMs = clock.nowMs() + LONGEST_MS;
  while (!isOver && clock.nowMs() < endsAtMs) {
    await clock.until(() => isOver || isStuck(world, policy), endsAtMs - clock.nowMs());
    for (const { id } of isOver ? [] : openJobs(world)) github.cancelJob(id);
    await new Promise(setImmediate);
  }
}

const openJobs = ({ github }: World) => github.jobs().filter(({ status }) => status !== 'completed');

function isStuck(world: World, policy: Policy): boolean {
  const open = openJobs(world);
  const isForNobody = ({ labels }: { readonly labels: readonly string[] }) =>
    readLabels(labels, policy).kind === 'foreign' && !isHosted({ labels });
  return open.length > 0 && open.every(isForNobody);
}
