/** `npm start`: builds, starts the embedded world, plays a scenario through the bundled functions, sums up. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { showConsole } from '../cli/commands/console.ts';
import { connect } from '../cli/deployment.ts';
import { EXIT, type ExitCode } from '../cli/errors.ts';
import { untilInterrupted } from '../cli/interrupt.ts';
import { toTerminal } from '../cli/terminal.ts';
import type { Policy } from '../functions/core/job/policy.ts';
import { counted } from '../functions/core/words/count.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { seededRandom } from '../model/dice.ts';
import { FAULTS, WORLD_FAULTS, type WorldFault } from '../model/faults.ts';
import { buildFunctions } from '../scripts/build.ts';
import { introduction, staysUp } from './play/introduction.ts';
import { formatCalls } from './play/print-calls.ts';
import { formatSummary, isClean } from './play/print-summary.ts';
import { SILENT, showProgress } from './play/progress.ts';
import { createScenario, play, type Scenario } from './play/scenario.ts';
import { describeInterrupted, type Standing, standingOf } from './play/standing.ts';
import { summarise } from './play/summary.ts';
import { waitUntilQuiet } from './play/wait-until-quiet.ts';
import { wrapped } from './play/wrapped.ts';
import type { WorldClock } from './world/clock.ts';
import { startControl } from './world/control.ts';
import { isFault } from './world/faults.ts';
import { startWorld, type World } from './world/start-world.ts';
import { createVirtualClock } from './world/virtual-clock.ts';

const ROOT = path.join(import.meta.dirname, '..');
/** The share of opportunities at which a fault strikes that was asked for without a rate. */
const FAULT_RATE = 0.05;
/** The same where all were asked for: together they make about one call in twelve fail. */
const EACH_OF_ALL_RATE = 0.01;
/** World seconds in a real one while nobody waits for anything, as with `--keep` when all jobs are over. */
const IDLE_PACE = 10;

interface Options {
  readonly jobs: number;
  readonly speed?: number;
  readonly realtime: boolean;
  readonly faults: ReadonlyMap<WorldFault, number>;
  readonly seed: number;
  readonly keep: boolean;
  readonly calls: boolean;
  readonly json: boolean;
}

const program = new Command('npm start --')
  .description(
    'Shows the whole system at work on an embedded world: GitHub and AWS on loopback, no account needed.',
  )
  .option('--jobs <n>', 'jobs in the matrix', wholeNumber(1, 2000), 30)
  .option(
    '--speed <x>',
    'watch at this pace: world seconds in a real second, instead of jumping to what happens next',
    positive,
  )
  .option('--realtime', 'watch at the pace of the real world: --speed 1', false)
  .option(
    '--faults <names>',
    `faults that strike, as NAME,NAME=RATE,… or all; the rate is ${FAULT_RATE} unless given, of all ${EACH_OF_ALL_RATE} each`,
    readFaults,
    new Map(),
  )
  .option('--seed <n>', 'seed of the world’s choices', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--keep', 'stay up and wait for jobs, until Ctrl-C', false)
  .option('--calls', 'list each call to GitHub and AWS with how often it was made', false)
  .addOption(new Option('--json', 'print one object and nothing else').default(false))
  .addHelpText(
    'after',
    `\nFaults:\n${faultHelp()}\n\nExit code: 0; 1 if a job was lost or anything was left over; 130 if it was interrupted before its end.`,
  );

const options = program.parse().opts<Options>();
// A second Ctrl-C does not wait for the end.
process.exitCode = await untilInterrupted((signal) => demonstrate(options, signal));

/** For people: nothing with --json. */
function say(text: string): void {
  if (!options.json) console.log(toTerminal(text));
}

async function demonstrate({ jobs, keep, ...asked }: Options, signal: AbortSignal): Promise<ExitCode> {
  const policy = parseRunnersConfig(await readFile(path.join(ROOT, 'runners.yml'), 'utf8'));
  await buildFunctions();
  const random = seededRandom(asked.seed);
  const world = await startWorld({ clock: clockOf(asked), policy, bundles: path.join(ROOT, 'dist'), random });
  for (const [name, rate] of asked.faults) world.faults.setRate(name, rate);
  const page = await showPage(world);
  try {
    say(introduction(world, page.url, { jobs, keep, faults: asked.faults }));
    const isOver = await playToTheEnd(world, createScenario(world, policy, { jobs, random }), policy, signal);
    const exitCode = isOver ? conclude(world, policy) : stop(standingOf(world, policy));
    if (keep && isOver) await stayUp(world, page.url, policy, signal);
    return exitCode;
  } finally {
    page.close();
    await world.close();
  }
}

function clockOf({ speed, realtime }: Pick<Options, 'speed' | 'realtime'>): WorldClock {
  const pace = realtime ? 1 : speed;
  return createVirtualClock({ pace: pace ?? IDLE_PACE, jumps: pace === undefined });
}

/** Resolves with false where a person ended it before. */
async function playToTheEnd(world: World, scenario: Scenario, policy: Policy, signal: AbortSignal) {
  const progress = options.json ? SILENT : showProgress(world, policy, process.stdout);
  const interrupted = once(signal, 'abort');
  const played = play(world, scenario, progress.tell).then(() => waitUntilQuiet(world, signal));
  // What still waits for the world when that is closed has nobody to tell.
  played.catch(() => undefined);
  await Promise.race([played, interrupted]);
  progress.stop();
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
async function stayUp(world: World, pageUrl: string, policy: Policy, signal: AbortSignal): Promise<void> {
  say(`\n${staysUp(world, pageUrl)}`);
  const progress = options.json ? SILENT : showProgress(world, policy, process.stdout);
  if (!signal.aborted) await once(signal, 'abort');
  progress.stop();
}

/** Nothing is judged: what was under way would count as lost. */
function stop(standing: Standing): ExitCode {
  if (options.json) console.log(JSON.stringify({ interrupted: true, ...standing }));
  say(`\n${describeInterrupted(standing)}`);
  return EXIT.interrupted;
}

function conclude(world: World, policy: Policy): ExitCode {
  const summary = summarise(world, policy);
  if (options.json) console.log(JSON.stringify(summary));
  if (options.calls) say(`\n${formatCalls(summary.calls, world.aws.tasks().length)}`);
  for (const [name, count] of world.faults.struck)
    say(wrapped(`fault ${name} struck ${counted(count, 'time')}: ${FAULTS[name].what}`));
  say(`\n${formatSummary(summary)}`);
  return isClean(summary) ? EXIT.fine : EXIT.fault;
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 200) return value;
  throw new InvalidArgumentError('It must be a number above 0 and at most 200.');
}

function readFaults(text: string): ReadonlyMap<WorldFault, number> {
  const all = WORLD_FAULTS.map((name) => `${name}=${EACH_OF_ALL_RATE}`);
  return new Map((text === 'all' ? all : text.split(',')).map(readFault));
}

function readFault(text: string): [WorldFault, number] {
  const [name = '', rate = String(FAULT_RATE)] = text.split('=');
  if (!isFault(name)) throw new InvalidArgumentError(`There is no fault ${name}. Known:\n${faultHelp()}`);
  const share = Number(rate);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError(`The rate of ${name} must be from 0 to 1.`);
  return [name, share];
}

function faultHelp(): string {
  return WORLD_FAULTS.map((name) => `  ${name.padEnd(24)} ${FAULTS[name].what}`).join('\n');
}
