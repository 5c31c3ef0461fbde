/** Plays the supervisor with listeners that behave at random, and holds each exit code to what really happened. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { play, type Run } from './play.ts';

interface Flags {
  readonly runs: number;
  readonly first: number;
  readonly seed?: number;
  readonly parallel: number;
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0) throw new InvalidArgumentError('It must be a whole number.');
  return count;
}

async function playAll({ runs, first, parallel }: Flags, onRun: (run: Run) => void): Promise<void> {
  let next = first;
  const playNext = async () => {
    while (next < first + runs) onRun(await play(next++));
  };
  await Promise.all(Array.from({ length: parallel }, playNext));
}

function tellFaults({ seed, faults, story }: Run): void {
  console.log(
    `\nseed ${seed}: ${faults.join('; ')}\n${story}\nagain: npm run test:supervisor -- --seed ${seed}`,
  );
}

function tellFigures(all: readonly Run[], seconds: number): void {
  const endings = Object.groupBy(all, ({ ending }) => ending ?? 'none');
  for (const [ending, runs = []] of Object.entries(endings).toSorted())
    console.log(`${String(runs.length).padStart(6)} ${ending}`);
  const certain = all.filter(({ trueEndings }) => trueEndings.length === 1).length;
  const wrong = all.filter(({ faults }) => faults.length > 0);
  console.log(
    `${all.length} runs in ${seconds.toFixed(0)} s: ${wrong.length} wrong; with one true ending only: ${certain}`,
  );
  if (wrong.length > 0) console.log(`seeds: ${wrong.map(({ seed }) => seed).join(', ')}`);
}

async function main(flags: Flags): Promise<void> {
  const { seed } = flags;
  const startedAtMs = performance.now();
  const all: Run[] = [];
  const asked = seed === undefined ? flags : { ...flags, first: seed, runs: 1 };
  await playAll(asked, (run) => {
    all.push(run);
    if (run.faults.length > 0) tellFaults(run);
    else if (seed !== undefined) console.log(run.story);
  });
  tellFigures(all, (performance.now() - startedAtMs) / 1000);
  if (all.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

await main(
  new Command('test-supervisor')
    .description('Plays the supervisor with listeners that behave at random.')
    .option('--runs <count>', 'how many', readCount, 1000)
    .option('--first <seed>', 'from this seed on', readCount, 0)
    .option('--seed <seed>', 'this one, with its story', readCount)
    .option(
      '--parallel <count>',
      'how many at once: they wait more than they work',
      readCount,
      6 * availableParallelism(),
    )
    .parse()
    .opts<Flags>(),
);
