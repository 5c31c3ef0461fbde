import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command, InvalidArgumentError } from 'commander';
import { FAULT_NAMES, type Fault } from '../simulation/faults.ts';
import { Figures } from '../simulation/figures.ts';
import { PROFILES, type Profile, profileNamed } from '../simulation/profiles.ts';
import { shrink } from '../simulation/shrink.ts';
import { type Result, simulate } from '../simulation/simulate.ts';

/** What is played: a profile, with all of its faults or fewer. */
interface Run {
  readonly profile: Profile;
  readonly faults: ReadonlySet<Fault>;
  readonly jobs: number;
}

interface Share extends Run {
  readonly first: number;
  readonly step: number;
  readonly last: number;
}

const optionsOf = ({ profile, faults, jobs }: Run, seed: number) => ({ ...profile, faults, jobs, seed });

/** Plays every `step`-th seed; what it counted is all that leaves the thread. */
async function playShare({ first, step, last, ...run }: Share): Promise<Figures> {
  const figures = new Figures();
  for (let seed = first; seed < last; seed += step) figures.add(await simulate(optionsOf(run, seed)));
  return figures;
}

function inThread(share: Share): Promise<Figures> {
  // Each seed leaves a few megabytes behind, which then die young.
  const resourceLimits = { maxYoungGenerationSizeMb: 192 };
  const worker = new Worker(new URL(import.meta.url), { workerData: share, resourceLimits });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function playAll(run: Run, seeds: number, threads: number): Promise<Figures> {
  const share = { ...run, step: threads, last: seeds };
  const shares = Array.from({ length: threads }, (_, first) => ({ ...share, first }));
  const total = new Figures();
  for (const figures of await Promise.all(shares.map(threads > 1 ? inThread : playShare)))
    total.merge(figures);
  return total;
}

function readProfile(name: string): Profile {
  const profile = profileNamed(name);
  if (profile) return profile;
  const names = PROFILES.map((known) => known.name).join(', ');
  throw new InvalidArgumentError(`Known are: ${names}.`);
}

function readFaults(names: string): ReadonlySet<Fault> {
  const asked = names.split(',');
  const unknown = asked.filter((name) => !FAULT_NAMES.some((fault) => fault === name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(
      `No fault is called ${unknown.join(', ')}. Known are: ${FAULT_NAMES.join(', ')}.`,
    );
  return new Set(asked as Fault[]);
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0) throw new InvalidArgumentError('It must be a whole number.');
  return count;
}

function commandFor({ profile, faults, jobs }: Run, seed: number): string {
  const isWhole = faults.size === profile.faults.size;
  const named = isWhole ? '' : faults.size === 0 ? ' --no-faults' : ` --faults ${[...faults].join(',')}`;
  return `npm run simulate -- --profile ${profile.name}${named} --jobs ${jobs} --seed ${seed}`;
}

function tell({ story, violations, options: { seed, faults, jobs } }: Result, profile: Profile): void {
  for (const line of story) console.log(line);
  for (const { kind, detail } of violations) console.log(`${kind}: ${detail}`);
  console.log(`again: ${commandFor({ profile, faults, jobs }, seed)}`);
}

async function playOne(run: Run, seed: number): Promise<boolean> {
  const result = await simulate({ ...optionsOf(run, seed), keepsStory: true });
  tell(result, run.profile);
  const figures = new Figures();
  figures.add(result);
  for (const line of figures.lines()) console.log(line);
  return result.violations.length === 0;
}

async function playMany(run: Run, seeds: number, threads: number): Promise<boolean> {
  const figures = await playAll(run, seeds, threads);
  for (const line of figures.lines()) console.log(line);
  const failed = figures.failedSeeds.toSorted((a, b) => a - b);
  const [seed] = failed;
  if (seed === undefined) return true;
  console.log(`\n${failed.length} seeds failed: ${failed.slice(0, 20).join(', ')}`);
  console.log(`seed ${seed}, as small as it could be made:\n`);
  tell(await shrink(await simulate(optionsOf(run, seed))), run.profile);
  return false;
}

interface Flags {
  readonly seeds: number;
  readonly jobs?: number;
  readonly seed?: number;
  readonly threads: number;
  readonly profile: Profile;
  /** `false` for --no-faults. */
  readonly faults?: false | ReadonlySet<Fault>;
}

async function main({ profile, faults: asked, seed, seeds, threads, ...flags }: Flags): Promise<void> {
  const faults = asked === undefined ? profile.faults : asked || new Set<Fault>();
  const run = { profile, faults, jobs: flags.jobs ?? profile.jobs ?? 50 };
  const isSound = seed === undefined ? await playMany(run, seeds, threads) : await playOne(run, seed);
  if (!isSound) process.exitCode = 1;
}

const names = PROFILES.map(({ name }) => name).join(', ');
if (isMainThread)
  await main(
    new Command('simulate')
      .description('Plays the real flows on models of GitHub, ECS and SQS, with faults, in virtual time.')
      .option('--seeds <count>', 'how many seeds, from 0', readCount, 100)
      .option('--jobs <count>', 'jobs a seed (default: 50, or what the profile is about)', readCount)
      .option('--seed <seed>', 'one seed, with its story', readCount)
      .option(
        '--profile <name>',
        `which faults at which rates, and what they may cost: ${names}`,
        readProfile,
      )
      .option('--faults <names>', 'only these of the profile’s faults, comma separated', readFaults)
      .option('--no-faults', 'none')
      .option('--threads <count>', 'worker threads', readCount, availableParallelism())
      .setOptionValue('profile', profileNamed('all'))
      .parse()
      .opts<Flags>(),
  );
else parentPort?.postMessage(await playShare(workerData as Share));
