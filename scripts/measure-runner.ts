/**
 * `npm run measure:runner -- --runner DIR`: jobs in an unpacked release of the official runner, through webhook, RunTask
 * and supervisor, some at a time. Says how each ended, what is left, and how long a runner takes. The start-up of
 * Fargate, which the embedded world only draws, is left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { percentile } from '../cli/units.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { summarise } from '../local/play/summary.ts';
import { waitUntilQuiet } from '../local/play/wait-until-quiet.ts';
import { withRealSteps } from '../local/world/real-steps.ts';
import { readRunnerRelease } from '../local/world/runner-release.ts';
import { startWorld, type World } from '../local/world/start-world.ts';
import { buildFunctions } from './build.ts';

const ROOT = path.join(import.meta.dirname, '..');
const AT_ONCE_MS = [200, 300] as const;
const BOOT = {
  provisioningMs: AT_ONCE_MS,
  pendingMs: AT_ONCE_MS,
  activatingMs: AT_ONCE_MS,
  deactivatingMs: AT_ONCE_MS,
  deprovisioningMs: AT_ONCE_MS,
};
const WORK_SECONDS = 2;
const JOB_WITHIN_MS = 600_000;

const program = new Command('npm run measure:runner --')
  .requiredOption('--runner <dir>', 'an unpacked release of actions/runner')
  .option('--jobs <n>', 'how many', Number, 100)
  .option('--at-once <n>', 'how many at a time', Number, 10);
const asked = program.parse().opts<{ runner: string; jobs: number; atOnce: number }>();

const policy = parseRunnersConfig(await readFile(path.join(ROOT, 'runners.yml'), 'utf8'));
const runner = await readRunnerRelease(asked.runner);
await buildFunctions();
const world = await startWorld({ policy, bundles: path.join(ROOT, 'dist'), runner, boot: BOOT });
try {
  const startedMs = Date.now();
  await playJobs(world);
  console.log(
    `${asked.jobs} jobs, ${asked.atOnce} at a time, in ${Math.round((Date.now() - startedMs) / 1000)} s`,
  );
  await waitUntilQuiet(world, new AbortController().signal);
  tellEnds(world);
  tellTimes(world);
} finally {
  await world.close();
}

async function playJobs({ github, clock, installation }: World): Promise<void> {
  const repository = `${installation.owner.login}/${installation.repositories[0]?.name}`;
  const open = () => github.jobs().filter(({ status }) => status !== 'completed').length;
  for (let number = 1; number <= asked.jobs; number++) {
    if (!(await clock.until(() => open() < asked.atOnce, JOB_WITHIN_MS)))
      throw new Error('no job ends any more');
    const job = { name: `job-${number}`, labels: [policy.labelPrefix], durationSeconds: WORK_SECONDS };
    github.queueRun({ repository, jobs: [withRealSteps(job)] });
  }
  if (!(await clock.until(() => open() === 0, JOB_WITHIN_MS))) throw new Error('the last jobs do not end');
}

function tellEnds(world: World): void {
  const { jobs, leftover } = summarise(world, policy);
  console.log(`jobs: ${counts(world.github.jobs().map(({ conclusion }) => conclusion ?? 'open'))}`);
  console.log(`exit codes of tasks: ${counts(world.aws.tasks().map(({ exitCode }) => `${exitCode}`))}`);
  console.log(`lost ${jobs.lost}, duplicated ${jobs.duplicated}; left: ${JSON.stringify(leftover)}`);
  console.log(`processes left: ${processesLeft(world).length}`);
}

function counts(all: readonly string[]): string {
  const groups = Object.entries(Object.groupBy(all, (one) => one));
  return groups.map(([what, some]) => `${some?.length} ${what}`).join(', ');
}

/** Of the tasks of this world: their environment has the root, whose name is the task's id. */
function processesLeft({ aws }: World): string[] {
  const ids = new Set(aws.tasks().map(({ id }) => id));
  return readdirSync('/proc').filter((name) => {
    try {
      const [, id = ''] =
        /ONESHOT_RUNNER_ROOT=[^\0]*\/(\w+)/.exec(readFileSync(`/proc/${name}/environ`, 'latin1')) ?? [];
      return ids.has(id);
    } catch {
      return false;
    }
  });
}

function tellTimes({ aws, github }: World): void {
  const spans = new Map<string, number[]>();
  const keep = (what: string, fromMs: number | undefined, toMs: number | undefined) => {
    if (fromMs !== undefined && toMs !== undefined)
      spans.set(what, [...(spans.get(what) ?? []), toMs - fromMs]);
  };
  for (const { task, lines, startedBy } of aws.tasks()) {
    const at = (words: string) => lines.find(({ line }) => line.includes(words))?.atMs;
    const job = github.jobs().find(({ runnerName }) => runnerName === startedBy);
    const steps = github.actions.jobs.get(job?.id ?? 0)?.report?.steps() ?? [];
    const step = steps.find(({ name }) => name === 'Say where this runs')?.startedAt;
    const began = at('"state":"starting"');
    keep('RunTask to the start of the container', task.createdAt?.getTime(), began);
    keep('start to Listening for Jobs', began, at('Listening for Jobs'));
    keep('Listening to Running job', at('Listening for Jobs'), at('Running job:'));
    keep('start to the first step', began, step ? Date.parse(step) : undefined);
    keep('end of the job to the end of the task', at('completed with result'), at('"state":"ended"'));
  }
  for (const [what, all] of spans) console.log(`${what}: ${spread(all)} (${all.length})`);
}

function spread(all: readonly number[]): string {
  const seconds = [0.5, 0.95, 1].map((share) => ((percentile(all, share) ?? 0) / 1000).toFixed(2));
  return `p50 ${seconds[0]} s, p95 ${seconds[1]} s, most ${seconds[2]} s`;
}
