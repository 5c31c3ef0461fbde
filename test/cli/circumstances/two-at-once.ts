import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Circumstance } from './circumstances.ts';
import { faultsOf } from './judge.ts';
import type { Outcome } from './outcome.ts';
import { type Ended, makeFolder, type Running, run } from './run.ts';

const TWICE: Omit<Circumstance, 'how'> = {
  ...{ name: 'two at once', words: 'two of the same command in one folder, or on one port' },
};

interface Twice extends Pick<Running, 'args' | 'environment' | 'stays'> {
  readonly command: string;
  /** Both exit codes, the lower first. */
  readonly codes: readonly [number, number];
  /** A file that is whole afterwards. */
  readonly writes?: string;
  /** The folder is empty before. */
  readonly isFresh?: true;
}

const REGION = { AWS_REGION: 'eu-central-1' };

export const PAIRS = (world: string, port: number): readonly Twice[] => [
  { command: 'init', args: ['init'], environment: {}, codes: [0, 2], writes: 'runners.yml', isFresh: true },
  {
    ...{ command: 'use', args: ['use', 'prod', '--region', 'eu-central-1'], environment: {} },
    ...{ codes: [0, 0], writes: 'oneshot.yml' },
  },
  {
    ...{ command: 'deploy', args: ['deploy', '--package-only', 'out'], environment: REGION },
    ...{ codes: [0, 0], writes: 'out/cloudformation-template-update-stack.json' },
  },
  {
    ...{ command: 'console', args: ['console', '--no-open', '--port', String(port), '--local', world] },
    ...{ environment: {}, stays: true, codes: [0, 2] },
  },
  {
    ...{ command: 'setup', args: ['setup', '--no-open', '--user', '--workflow', 'none', '--local', world] },
    ...{ environment: {}, codes: [0, 0] },
  },
];

/** Runs both, and says what is wrong with how they ended. */
export async function runTwice(
  program: string,
  { command, codes, writes, isFresh, ...how }: Twice,
): Promise<Outcome> {
  const folder = makeFolder();
  if (isFresh) rmSync(path.join(folder, 'runners.yml'));
  const both = await runBoth({ program, folder, ...how });
  const seen = both.map(({ code }) => code).toSorted();
  const isWhole = writes === undefined || isFilled(path.join(folder, writes));
  rmSync(folder, { recursive: true, force: true });
  const circumstance = { ...TWICE, how: () => ({ args: [], environment: {} }) };
  const faults = [
    ...both.flatMap((ended) => faultsOf(ended, circumstance)),
    ...(String(seen) === String(codes) ? [] : [`exit codes ${seen.join(' and ')}: ${JSON.stringify(both)}`]),
    ...(isWhole ? [] : [`${writes} is not whole`]),
  ];
  const [, message = '', fix = ''] =
    /^error (.+?)\nfix {3}(.+)$/ms.exec(both.map(({ stderr }) => stderr).join('')) ?? [];
  const told = { message: message.replaceAll(/\d{4,}/g, 'PORT').trim(), fix: fix.trim() };
  return { circumstance, command, code: codes.join(' and '), ...told, faults };
}

/** Of two that stay the one that stays is ended once it has answered and the other is gone. */
async function runBoth({ stays = false, ...how }: Running): Promise<readonly Ended[]> {
  if (!stays) return Promise.all([run(how), run(how)]);
  const answered = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const interrupted = Promise.all([answered.promise, gone.promise]);
  const one = () => run({ ...how, interrupted, onAnswer: answered.resolve }).finally(gone.resolve);
  return Promise.all([one(), one()]);
}

function isFilled(file: string): boolean {
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  return text.endsWith('\n') || text.endsWith('}');
}
