import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command } from 'commander';
import { FAULT_NAMES, type Fault } from '../test/simulation/faults.ts';
import { Figures } from '../test/simulation/figures.ts';
import { PROFILES } from '../test/simulation/profiles.ts';
import { shrink } from '../test/simulation/shrink.ts';
import { type Result, simulate } from '../test/simulation/simulate.ts';
import type { Bounds, Options } from '../test/simulation/world.ts';

interface Share {
  readonly first: number;
  readonly step: number;
  readonly last: number;
  readonly jobs: number;
  readonly faults: ReadonlySet<Fault>;
  readonly bounds?: Bounds;
}

/** Plays every `step`-th seed; what it counted is all that leaves the thread. */
async function playShare({ first, step, last, ...rest }: Share): Promise<Figures> {
  const figures = new Figures();
  for (let seed = first; seed < last; seed += step) figures.add(await simulate({ seed, ...rest }));
  return figures;
}

function inThread(share: Share): Promise<Figures> {
  const worker = new Worker(new URL(import.meta.url), { workerData: share });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function playAll(
  firstSeed: number,
  seeds: number,
  threads: number,
  rest: Omit<Share, 'first' | 'step' | 'last'>,
) {
  const last = firstSeed + seeds;
  const shares = Array.from({ length: threads }, (_, n) => ({
    ...rest,
    first: firstSeed + n,
    step: threads,
    last,
  }));
  const total = new Figures();
  for (const figures of await Promise.all(threads > 1 ? shares.map(inThread) : shares.map(playShare)))
    total.merge(figures);
  return total;
}

function readFaults(names: string | boolean | undefined): ReadonlySet<Fault> {
  if (names === false) return new Set();
  if (names === undefined || names === true || names === 'all') return new Set(FAULT_NAMES);
  const asked = String(names).split(',');
  const unknown = asked.filter((name) => !FAULT_NAMES.some((fault) => fault === name));
  if (unknown.length > 0)
    throw new Error(`no such fault: ${unknown.join(', ')}; known: ${FAULT_NAMES.join(', ')}`);
  return new Set(asked as Fault[]);
}

const commandFor = ({ seed, jobs, faults, bounds }: Options): string => {
  const isAll = faults.size === FAULT_NAMES.length;
  const named = faults.size === 0 ? ' --no-faults' : isAll ? '' : ` --faults ${[...faults].join(',')}`;
  const bounded = bounds ? ` --bounds '${JSON.stringify(bounds)}'` : '';
  return `npm run simulate -- --seed ${seed} --jobs ${jobs}${named}${bounded}`;
};

function tell({ story, violations, options }: Result): void {
  for (const line of story) console.log(line);
  for (const { kind, detail } of violations) console.log(`${kind}: ${detail}`);
  console.log(`again: ${commandFor(options)}`);
}

interface Flags {
  readonly seeds: string;
  readonly jobs: string;
  readonly seed?: string;
  readonly threads: string;
  readonly faults?: string | boolean;
  readonly profile?: string;
  readonly bounds?: string;
}

async function main(flags: Flags): Promise<void> {
  const profile = PROFILES.find(({ name }) => name === flags.profile);
  if (flags.profile !== undefined && profile === undefined)
    throw new Error(`no such profile; known: ${PROFILES.map(({ name }) => name).join(', ')}`);
  const bounds = flags.bounds === undefined ? profile?.bounds : (JSON.parse(flags.bounds) as Bounds);
  const faults = profile?.faults ?? readFaults(flags.faults);
  const run = { jobs: Number(flags.jobs), faults, ...(bounds && { bounds }) };
  if (flags.seed !== undefined) {
    const result = await simulate({ seed: Number(flags.seed), ...run, keepsStory: true });
    tell(result);
    const figures = new Figures();
    figures.add(result);
    for (const line of figures.lines()) console.log(line);
    process.exitCode = result.violations.length > 0 ? 1 : 0;
    return;
  }
  const figures = await playAll(0, Number(flags.seeds), Number(flags.threads), run);
  for (const line of figures.lines()) console.log(line);
  const [seed] = figures.failedSeeds.toSorted((a, b) => a - b);
  if (seed === undefined) return;
  process.exitCode = 1;
  console.log(`\n${figures.failedSeeds.length} seeds failed: ${figures.failedSeeds.slice(0, 20).join(', ')}`);
  console.log(`seed ${seed}, as small as it could be made:\n`);
  tell(await shrink(await simulate({ seed, ...run })));
}

if (isMainThread)
  await main(
    new Command('simulate')
      .description('Plays the real flows on models of GitHub, ECS and SQS, with faults, in virtual time.')
      .option('--seeds <count>', 'how many seeds, from 0', '100')
      .option('--jobs <count>', 'jobs a seed', '50')
      .option('--seed <seed>', 'one seed, with its story')
      .option('--faults <names>', 'only these faults, comma separated (default: all)')
      .option('--no-faults', 'none')
      .option(
        '--bounds <json>',
        'what must not be passed: longestWait (minutes), surplusPerFault, readsPerJob',
      )
      .option('--threads <count>', 'worker threads', String(availableParallelism()))
      .option('--profile <name>', 'a named set of faults, with tighter bounds (test/simulation/profiles.ts)')
      .parse()
      .opts<Flags>(),
  );
else parentPort?.postMessage(await playShare(workerData as Share));
