import { functionBundle } from '../bundles.ts';
import { runFresh } from '../child.ts';
import { benchParameters, functionEnvironment } from '../deployment.ts';
import type { Bench } from '../row.ts';
import { median } from '../row.ts';
import { startServices } from '../services.ts';

const LATENCIES = { githubMs: 150, awsMs: 25 };
const BOUND_MS = LATENCIES.githubMs + 2 * LATENCIES.awsMs;

/** Median over deliveries and processes of what a warm function takes from a delivery to its answer. */
export async function warmMs(bundle: string, processes: number): Promise<number> {
  const services = await startServices(benchParameters(), LATENCIES);
  try {
    const runs = await runFresh<{ timesMs: number[] }>(processes, 'warm', () => ({
      ...functionEnvironment(services.url),
      BENCH_BUNDLE: bundle,
      BENCH_DELIVERIES: '10',
    }));
    return median(runs.map(({ timesMs }) => median(timesMs)));
  } finally {
    await services.close();
  }
}

export const latency: Bench = async () => {
  const { file } = await functionBundle('webhook');
  return [
    {
      id: 'webhook-to-run-task',
      what: 'Delivery to answer, warm, at 150 ms a call of GitHub and 25 ms of AWS',
      unit: 'ms',
      measured: await warmMs(file, 5),
      bound: BOUND_MS,
      boundIs: '150 + 25 + 25: sealing needs the JIT config, and RunTask the sealed one',
      goal: 1.1 * BOUND_MS,
      goalIs: '1.1 × the bound',
      peer: '508 to 526, in the scale-up function alone',
    },
  ];
};
