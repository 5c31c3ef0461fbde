/** `npm start`: builds, starts the embedded world, plays a scenario through the bundled functions, sums up. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { showConsole } from '../cli/commands/console.ts';
import { connect } from '../cli/deployment.ts';
import { EXIT, type ExitCode } from '../cli/errors.ts';
import { untilInterrupted } from '../cli/interrupt.ts';
import { report } from '../cli/report.ts';
import { toTerminal } from '../cli/terminal.ts';
import type { Policy } from '../functions/core/job/policy.ts';
import { counted } from '../functions/core/words/count.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { seededRandom } from '../model/dice.ts';
import { FAULTS } from '../model/faults.ts';
import { buildFunctions } from '../scripts/build.ts';
import { createDaemonsHere } from './docker/index.ts';
import { withDocker } from './play/docker-jobs.ts';
import { introduction, staysUp } from './play/introduction.ts';
import { endOfLog, formatJobs, type ListedJob, listJobs } from './play/job-list.ts';
import { type Options, readOptions } from './play/options.ts';
import { formatCalls } from './play/print-calls.ts';
import { formatSummary, isClean } from './play/print-summary.ts';
import { SILENT, showProgress } from './play/progress.ts';
import { type Play, readPlay } from './play/read-play.ts';
import { describeInterrupted, type Standing, standingOf } from './play/standing.ts';
import { summarise } from './play/summary.ts';
import { waitUntilQuiet } from './play/wait-until-quiet.ts';
import { untilReleaseFails } from './play/watch-release.ts';
import { wrapped } from './play/wrapped.ts';
import { createClock, type WorldClock } from './world/clock.ts';
import { startControl } from './world/control.ts';
import { readRunnerRelease } from './world/runner-release.ts';
import { startWorld, type World, type WorldOptions } from './world/start-world.ts';
import { createVirtualClock } from './world/virtual-clock.ts';

const ROOT = path.join(import.meta.dirname, '..');
/** World seconds in a real one while nobody waits for anything, as with `--keep` when all jobs are over. */
const IDLE_PACE = 10;

const options = readOptions();
// A second Ctrl-C does not wait for the end.
process.exitCode = await untilInterrupted((signal) => demonstrate(options, signal)).catch((error) =>
  report(error, process.argv),
);

/** For people: nothing with --json. */
function say(text: string): void {
  if (!options.json) console.log(toTerminal(text));
}

async function demonstrate(asked: Options, signal: AbortSignal): Promise<ExitCode> {
  const own = parseRunnersConfig(await readFile(path.join(ROOT, 'runners.yml'), 'utf8'));
  const policy = asked.docker ? withDocker(own) : own;
  const runner = asked.runner === undefined ? undefined : await readRunnerRelease(asked.runner);
  const random = seededRandom(asked.seed);
  const play = await readPlay({ ...asked, random }, policy);
  try {
    const bundles = await buildFor(asked, policy);
    return await inWorld(
      { ...worldOptions(asked, play), bundles, policy, random, ...(runner && { runner }) },
      (world) => show(world, asked, play, signal),
    );
  } finally {
    play.close();
  }
}

/** The functions with this policy: those of a deployment, unless it is another than that of runners.yml. */
async function buildFor({ docker }: Options, policy: Policy): Promise<string> {
  const bundles = path.join(ROOT, 'dist', ...(docker ? ['docker'] : []));
  await buildFunctions(bundles, { policy });
  return bundles;
}

function worldOptions(asked: Options, { repositories }: Play) {
  return {
    clock: clockOf(asked),
    ...(asked.docker && { hasDocker: true, daemonsBy: createDaemonsHere }),
    ...(asked.actions !== undefined && { actions: asked.actions }),
    ...(repositories !== undefined && { repositories }),
  };
}

async function inWorld<T>(options: WorldOptions, run: (world: World) => Promise<T>): Promise<T> {
  const world = await startWorld(options);
  return run(world).finally(() => world.close());
}

async function show(
  world: World,
  { keep, faults }: Options,
  play: Play,
  signal: AbortSignal,
): Promise<ExitCode> {
  for (const [name, rate] of faults) world.faults.setRate(name, rate);
  const page = await showPage(world);
  try {
    const said = { playing: play.describe(world), notes: play.notes(world), keep, faults };
    say(introduction(world, page.url, said));
    const isOver = await playToTheEnd(world, play, signal);
    const exitCode = isOver ? conclude(world, play) : stop(standingOf(world, world.policy));
    if (keep && isOver) await stayUp(world, page.url, signal);
    return exitCode;
  } finally {
    page.close();
  }
}

/** A real runner lives by this machine's clock. */
function clockOf({ speed, realtime, runner }: Pick<Options, 'speed' | 'realtime' | 'runner'>): WorldClock {
  if (runner !== undefined) return createClock(1);
  const pace = realtime ? 1 : speed;
  return createVirtualClock({ pace: pace ?? IDLE_PACE, jumps: pace === undefined });
}

/** Resolves with false where a person ended it before. */
async function playToTheEnd(world: World, { begin }: Play, signal: AbortSignal) {
  const progress = options.json ? SILENT : showProgress(world, world.policy, process.stdout);
  const interrupted = once(signal, 'abort');
  const played = begin(world, progress.tell).then(() => waitUntilQuiet(world, signal));
  // What still waits for the world when that is closed has nobody to tell.
  played.catch(() => undefined);
  const failed = untilReleaseFails(world);
  await Promise.race([played, interrupted, failed]).finally(() => progress.stop());
  return !signal.aborted;
}

interface Page {
  readonly url: string;
  close(): void;
}

/** The console's page, on the world's control server: as `oneshot console --local` shows it. */
async function showPage(world: World): Promise<Page> {
  const control = await startControl(world);
  const target = { stage: '', region: undefined, local: control.url, githubUrl: undefined };
  const page = await showConsole(await connect(target));
  return {
    url: page.url,
    close() {
      page.close();
      control.close();
    },
  };
}

/** Ctrl-C is the way to end it. */
async function stayUp(world: World, pageUrl: string, signal: AbortSignal): Promise<void> {
  say(`\n${staysUp(world, pageUrl)}`);
  const progress = options.json ? SILENT : showProgress(world, world.policy, process.stdout);
  if (!signal.aborted) await once(signal, 'abort');
  progress.stop();
}

/** Nothing is judged: what was under way would count as lost. */
function stop(standing: Standing): ExitCode {
  if (options.json) console.log(JSON.stringify({ interrupted: true, ...standing }));
  say(`\n${describeInterrupted(standing)}`);
  return EXIT.interrupted;
}

function conclude(world: World, { isOwn }: Play): ExitCode {
  const summary = summarise(world, world.policy);
  const jobs = isOwn || world.runner ? listJobs(world, world.policy) : [];
  if (options.json) console.log(JSON.stringify({ ...summary, ...(jobs.length > 0 && { list: jobs }) }));
  if (options.calls) say(`\n${formatCalls(summary.calls, world.aws.tasks().length)}`);
  for (const [name, count] of world.faults.struck)
    say(wrapped(`fault ${name} struck ${counted(count, 'time')}: ${FAULTS[name].what}`));
  // Its page has all of it.
  const logOf = (job: ListedJob) => (options.keep ? [] : endOfLog(world, job));
  if (jobs.length > 0) say(`\n${formatJobs(jobs, { hasPages: options.keep, logOf })}`);
  say(`\n${formatSummary(summary)}`);
  const hasFailed = isOwn && jobs.some(({ result }) => result !== 'success' && result !== 'skipped');
  return isClean(summary) && !hasFailed ? EXIT.fine : EXIT.fault;
}
