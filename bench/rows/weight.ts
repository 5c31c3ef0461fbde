import { functionBundle, minimalBundle } from '../bundles.ts';
import { lambdaNodeOptions, runFresh } from '../child.ts';
import { benchParameters, functionEnvironment } from '../deployment.ts';
import type { Bench } from '../row.ts';
import { median } from '../row.ts';
import { startServices } from '../services.ts';

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;
const GOAL_KB = 580;
/** What serverless.yml gives the webhook. */
const MEMORY_MB = 256;

export const bundleSize: Bench = async () => {
  const [ours, least] = [await functionBundle('webhook'), await minimalBundle('launch')];
  return [
    {
      id: 'bundle',
      what: 'Bundle of the webhook function, SDK included',
      unit: 'KB',
      measured: ours.bytes / KILOBYTE,
      bound: least.bytes / KILOBYTE,
      boundIs: 'one SDK client, as it comes',
      goal: GOAL_KB,
      goalIs: `${GOAL_KB} KB`,
      peer: '754; 2,200',
    },
  ];
};

export const memory: Bench = async () => {
  const { file } = await functionBundle('webhook');
  const services = await startServices(benchParameters());
  try {
    const weigh = async (name: string, deliveries: number, labels = 'fargate') => {
      const environment = () => ({
        ...functionEnvironment(services.url),
        BENCH_BUNDLE: file,
        BENCH_DELIVERIES: String(deliveries),
        BENCH_LABELS: labels,
      });
      const runs = await runFresh<{ rssBytes: number }>(5, name, environment, lambdaNodeOptions(MEMORY_MB));
      return median(runs.map(({ rssBytes }) => rssBytes)) / MEGABYTE;
    };
    const emptyMb = await weigh('empty', 0);
    const row = {
      unit: 'MB',
      bound: emptyMb,
      boundIs: 'an empty process, measured beside it',
      goal: 1.7 * emptyMb,
      goalIs: '1.7 × an empty process',
      peer: '67 to 89; 130',
    };
    return [
      {
        ...row,
        id: 'memory-launches',
        what: 'Memory (RSS) after 1,000 deliveries that each launch',
        measured: await weigh('warm', 1_000),
      },
      {
        ...row,
        id: 'memory-ignored',
        what: 'Memory (RSS) after 1,000 deliveries that launch nothing',
        measured: await weigh('warm', 1_000, 'ubuntu-latest'),
      },
    ];
  } finally {
    await services.close();
  }
};
