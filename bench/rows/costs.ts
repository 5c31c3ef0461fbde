import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { parseRunnersConfig } from '../../functions/runners-config.ts';
import { waitUntilQuiet } from '../../local/play/wait-until-quiet.ts';
import { startWorld, type World } from '../../local/world/start-world.ts';
import { functionBundle } from '../bundles.ts';
import { PRICES } from '../prices.ts';
import type { Bench, Row } from '../row.ts';
import { warmMs } from './latency.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const JOBS = 30;

/**
 * Plays this many plain jobs, without a sweep beside them, and adds up what AWS would bill but the tasks themselves.
 */
async function controlCostUsd(): Promise<{ readonly usd: number; readonly parts: string }> {
  const world = await startBenchWorld();
  try {
    const [repository] = world.installation.repositories;
    const job = { labels: ['fargate'], durationSeconds: 30, result: 'success' } as const;
    const jobs = Array.from({ length: JOBS }, (_, index) => ({ ...job, name: `job ${index}` }));
    world.github.queueRun({
      repository: `${world.installation.owner.login}/${repository?.name}`,
      jobs,
      workflow: 'CI',
    });
    await waitUntilQuiet(world, AbortSignal.timeout(120_000));
    const perJob = partsOf(world, await launchGibSeconds());
    const usd = Object.values(perJob).reduce((sum, part) => sum + part, 0) / JOBS;
    const parts = Object.entries(perJob).map(
      ([name, part]) => `${name} ${((part / JOBS) * 1000).toFixed(4)}`,
    );
    return { usd: usd * 1000, parts: parts.join(', ') };
  } finally {
    await world.close();
  }
}

async function startBenchWorld(): Promise<World> {
  const policy = parseRunnersConfig(await readFile(path.join(ROOT, 'runners.yml'), 'utf8'));
  const { file } = await functionBundle('webhook');
  const bundles = path.join(path.dirname(file), '..');
  return startWorld({ policy, bundles, sweepEverySeconds: 0 });
}

/** A launch's memory times its duration; every other invocation is billed as one, which is more than it takes. */
async function launchGibSeconds(): Promise<number> {
  const { file } = await functionBundle('webhook');
  const { provider } = parse(await readFile(path.join(ROOT, 'serverless.yml'), 'utf8'), { customTags: tags });
  return ((await warmMs(file, 1)) / 1000) * (Number(provider.memorySize) / 1024);
}

const tags = ['!GetAtt', '!Ref', '!Sub'].map((tag) => ({ tag, resolve: (value: string) => value }));

function partsOf(world: World, gibSeconds: number): Record<string, number> {
  const calls = world.ledger.counts();
  const countOf = (api: string, names: RegExp) =>
    Object.entries(calls[api] ?? {}).reduce(
      (sum, [name, count]) => (names.test(name) ? sum + count : sum),
      0,
    );
  const deliveries = world.github.deliveries().length;
  const tasks = world.aws.tasks();
  const invocations = deliveries + tasks.length;
  const logBytes = [...world.logs, ...tasks.flatMap(({ lines }) => lines.map(({ line }) => line))].reduce(
    (sum, line) => sum + Buffer.byteLength(line) + 26, // what CloudWatch counts for each event beside its text
    0,
  );
  return {
    'HTTP API': deliveries * PRICES.httpApiRequest,
    Lambda: invocations * (PRICES.lambdaRequest + gibSeconds * PRICES.lambdaGibSecond),
    KMS: countOf('kms', /^(En|De)crypt$/) * PRICES.kmsRequest,
    SQS: countOf('sqs', /Send|Delete|Change/) * PRICES.sqsFifoRequest,
    Logs: (logBytes / 2 ** 30) * PRICES.logGib,
  };
}

export const costs: Bench = async () => {
  const { usd, parts } = await controlCostUsd();
  const control: Row = {
    id: 'control-cost',
    what: 'Cost of control per 1,000 jobs, free tiers left out',
    unit: '$',
    measured: usd,
    bound: PRICES.httpApiRequest * 3000 + PRICES.kmsRequest * 2000,
    boundIs: 'three deliveries by the HTTP API, sealing and unsealing by KMS',
    goal: 0.02,
    goalIs: '2 cents',
    peer: '0.15 to 0.20, in state transitions alone',
    note: `Of ${JOBS} jobs played on the embedded world: ${parts}. Custom metrics are billed by the month and not here.`,
  };
  return [control];
};
