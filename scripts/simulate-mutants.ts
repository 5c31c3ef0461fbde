import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command } from 'commander';
import { breakCode, type Mutant, readMutants } from '../simulation/mutants.ts';
import type { Profile } from '../simulation/profiles.ts';
import type { simulate } from '../simulation/simulate.ts';

const ROOT = join(import.meta.dirname, '..');

interface Caught {
  readonly profile: string;
  readonly seed: number;
  readonly kind: string;
  readonly detail: string;
}

interface Search {
  readonly mutant: Mutant | undefined;
  readonly seeds: number;
  readonly jobs: number;
}

/** A copy of what the simulation needs, with one rule broken in it; or with none, as a control. */
function copyBroken(directory: string, mutant: Mutant | undefined): void {
  for (const part of ['functions', 'infra', 'serverless.yml', 'simulation', 'model', 'local/world'])
    cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  if (mutant === undefined) return;
  const path = join(directory, 'functions', mutant.file);
  writeFileSync(path, breakCode(readFileSync(path, 'utf8'), mutant));
}

/** The first seed that notices: a few of every profile, then more and more. */
async function search({ mutant, seeds, jobs }: Search): Promise<Caught | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'oneshot-mutant-'));
  try {
    copyBroken(directory, mutant);
    const load = (name: string) => import(pathToFileURL(join(directory, 'simulation', name)).href);
    const play = (await load('simulate.ts')).simulate as typeof simulate;
    const profiles = (await load('profiles.ts')).PROFILES as readonly Profile[];
    for (let first = 0, last = 2; first < seeds; first = last, last = Math.min(seeds, last * 4))
      for (const profile of profiles)
        for (let seed = first; seed < last; seed++) {
          const [found] = (await play({ jobs, ...profile, seed })).violations;
          if (found !== undefined) return { profile: profile.name, seed, ...found };
        }
    return undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** In a thread of its own, so that the broken modules go with it. */
function inThread(asked: Search): Promise<Caught | undefined> {
  const worker = new Worker(new URL(import.meta.url), { workerData: asked });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

interface Verdict {
  readonly isSound: boolean;
  readonly text: string;
}

function judge(mutant: Mutant | undefined, caught: Caught | undefined): Verdict {
  const found = caught && `${caught.kind}, profile ${caught.profile}, seed ${caught.seed} (${caught.detail})`;
  if (mutant === undefined)
    return { isSound: !caught, text: found ? `NOTICED: ${found}` : 'nothing noticed' };
  if (found) return { isSound: true, text: `noticed: ${found}` };
  const { notNeeded } = mutant;
  return notNeeded
    ? { isSound: true, text: `not needed: ${notNeeded}` }
    : { isSound: false, text: 'NOT NOTICED' };
}

interface Flags {
  readonly seeds: string;
  readonly jobs: string;
  readonly rule?: string;
}

async function main({ seeds, jobs, rule }: Flags): Promise<void> {
  const mutants = readMutants().filter((mutant) => rule === undefined || String(mutant.rule) === rule);
  // The control first: it takes longest, as nothing is to be found.
  const left: (Mutant | undefined)[] = rule === undefined ? [undefined, ...mutants] : [...mutants];
  const verdicts: Verdict[] = [];
  const work = async () => {
    while (left.length > 0) {
      const mutant = left.shift();
      const verdict = judge(mutant, await inThread({ mutant, seeds: Number(seeds), jobs: Number(jobs) }));
      verdicts.push(verdict);
      const name = mutant
        ? `rule ${mutant.rule}`.padEnd(13) + mutant.what.padEnd(60)
        : 'the code as it is'.padEnd(73);
      console.log(`${name} ${verdict.text}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const noticed = verdicts.filter(({ text }) => text.startsWith('noticed')).length;
  console.log(`${noticed} of ${mutants.length} noticed`);
  if (verdicts.some(({ isSound }) => !isSound)) process.exitCode = 1;
}

if (isMainThread)
  await main(
    new Command('simulate-mutants')
      .description('Breaks one rule at a time and shows whether the simulation notices.')
      .option('--seeds <count>', 'seeds a profile, at most', '32')
      .option('--jobs <count>', 'jobs a seed', '50')
      .option('--rule <rule>', 'only the mutants of this rule')
      .parse()
      .opts<Flags>(),
  );
else parentPort?.postMessage(await search(workerData as Search));
