/** `npm start`: builds, starts the embedded world, plays a scenario through the bundled functions, sums up. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { showConsole } from '../cli/commands/console.ts';
import { connect } from '../cli/deployment.ts';
import { parseRunnersConfig } from '../functions/runners-config.ts';
import { seededRandom } from '../model/dice.ts';
import { FAULTS, WORLD_FAULTS, type WorldFault } from '../model/faults.ts';
import { buildFunctions } from '../scripts/build.ts';
import { formatSummary } from './play/print-summary.ts';
import { SILENT, showProgress } from './play/progress.ts';
import { createScenario, play } from './play/scenario.ts';
import { type Summary, summarise } from './play/summary.ts';
import { waitUntilQuiet } from './play/wait-until-quiet.ts';
import { startControl } from './world/control.ts';
import { isFault } from './world/faults.ts';
import { startWorld, type World } from './world/start-world.ts';

const ROOT = path.join(import.meta.dirname, '..');
/** The share of opportunities at which a fault strikes that was asked for without a rate. */
const FAULT_RATE = 0.05;
/** The same where all were asked for: together they make about one call in twelve fail. */
const EACH_OF_ALL_RATE = 0.01;

interface Options {
  readonly jobs: number;
  readonly speed: number;
  readonly faults: ReadonlyMap<WorldFault, number>;
  readonly seed: number;
  readonly keep: boolean;
  readonly json: boolean;
}

const program = new Command('npm start --')
  .description(
    'Shows the whole system at work on an embedded world: GitHub and AWS on loopback, no account needed.',
  )
  .option('--jobs <n>', 'jobs in the matrix', wholeNumber(1, 2000), 30)
  .option('--speed <x>', 'world seconds in a real second', positive, 10)
  .option(
    '--faults <names>',
    `faults that strike, as NAME,NAME=RATE,… or all; the rate is ${FAULT_RATE} unless given, of all ${EACH_OF_ALL_RATE} each`,
    readFaults,
    new Map(),
  )
  .option('--seed <n>', 'seed of the world’s choices', wholeNumber(0, 2 ** 32 - 1), 1)
  .option('--keep', 'stay up and wait for jobs', false)
  .addOption(new Option('--json', 'print one object and nothing else').default(false))
  .addHelpText(
    'after',
    `\nFaults:\n${faultHelp()}\n\nExit code: 0; 1 if a job was lost or anything was left over.`,
  );

await main(program.parse().opts<Options>());

async function main(options: Options): Promise<void> {
  const policy = parseRunnersConfig(await readFile(path.join(ROOT, 'runners.yml'), 'utf8'));
  await buildFunctions();
  const random = seededRandom(options.seed);
  const world = await startWorld({ speed: options.speed, policy, bundles: path.join(ROOT, 'dist'), random });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  for (const [name, rate] of options.faults) world.faults.setRate(name, rate);
  try {
    if (!options.json) introduce(world, options);
    const progress = options.json ? SILENT : showProgress(world, policy, process.stdout);
    const page = await showPage(world);
    if (!options.json) console.log(`Watch it, and try things:  ${page.url}\n`);
    const scenario = createScenario(world, policy, { jobs: options.jobs, random });
    await play(world, scenario, progress.tell);
    await waitUntilQuiet(world, stopping.signal);
    if (options.keep && !stopping.signal.aborted) await keep(world, page, stopping.signal);
    progress.stop();
    page.close();
    conclude(summarise(world, policy), world, options);
  } finally {
    await world.close();
  }
}

function introduce({ installation }: World, { jobs, speed, faults }: Options): void {
  const repositories = installation.repositories.map(({ name }) => `${installation.owner.login}/${name}`);
  const faultNames = [...faults].map(([name, rate]) => `${name}=${rate}`);
  console.log(
    `An embedded GitHub and AWS, ${speed} times as fast as the real ones, with the packaged functions and the real entrypoint.\n` +
      `A matrix of ${jobs} jobs in ${repositories.join(' and ')}; a job that is cancelled, one that is unservable, one for another runner,\n` +
      `a forged delivery, a delivery that comes twice.${faultNames.length > 0 ? ` Faults: ${faultNames.join(', ')}.` : ''}\n`,
  );
}

interface Page {
  readonly url: string;
  readonly controlUrl: string;
  close(): void;
}

/** The console's page, on the world's control server: as `oneshot console --local` shows it. */
async function showPage(world: World): Promise<Page> {
  const control = await startControl(world);
  const target = { stage: '', region: undefined, local: control.url, githubUrl: undefined };
  const page = await showConsole(await connect(target));
  return {
    url: page.url,
    controlUrl: control.url,
    close() {
      page.close();
      control.close();
    },
  };
}

/** Stays up until it is interrupted, with all that is needed to queue a job by hand. */
async function keep({ installation, policy, ...world }: World, page: Page, signal: AbortSignal) {
  const [repository] = installation.repositories;
  const target = `${installation.owner.login}/${repository?.name}`;
  console.log(
    `\nThe world stays up; Ctrl-C ends it.\n  webhook  ${world.webhookUrl}\n  GitHub   ${world.github.url}\n  AWS      ${world.aws.url}\n` +
      `Look at it:\n  npm run oneshot -- --local ${page.controlUrl} status    (or doctor, cost, logs, --help)\n` +
      `Queue a job:\n  curl -X POST ${page.controlUrl}/jobs -H 'content-type: application/json' \\\n` +
      `    -d '{"repository":"${target}","jobs":[{"name":"by hand","labels":["${policy.labelPrefix}"],"durationSeconds":60}]}'\n`,
  );
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function conclude(summary: Summary, { aws, faults }: World, { json }: Options): void {
  if (json) console.log(JSON.stringify(summary));
  else {
    console.log(`\n${formatSummary(summary, aws.tasks().length)}`);
    for (const [name, count] of faults.struck)
      console.log(`fault ${name} struck ${count} times: ${FAULTS[name].what}`);
  }
  const { lost, duplicated } = summary.jobs;
  const isClean =
    lost + duplicated + Object.values(summary.leftover).reduce((sum, count) => sum + count, 0) === 0;
  if (!json)
    console.log(
      isClean ? '\nNothing lost, nothing duplicated, nothing left over.' : '\nNot clean: see above.',
    );
  process.exitCode = isClean ? 0 : 1;
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
