import { functionBundle, minimalBundle } from '../bundles.ts';
import { runFresh } from '../child.ts';
import { benchParameters, functionEnvironment, webhookEvent } from '../deployment.ts';
import type { Bench } from '../row.ts';
import { median } from '../row.ts';
import { startServices } from '../services.ts';

const PROCESSES = 5;

/** Median milliseconds from before a bundle's load to the answer of its first event, in fresh processes. */
async function coldMs(bundle: string, labels: readonly string[], processes = PROCESSES): Promise<number> {
  const services = await startServices(benchParameters());
  try {
    const runs = await runFresh<{ totalMs: number }>(processes, 'cold', () => ({
      ...functionEnvironment(services.url),
      BENCH_BUNDLE: bundle,
      BENCH_EVENT: JSON.stringify(webhookEvent(1_000, labels)),
    }));
    return median(runs.map(({ totalMs }) => totalMs));
  } finally {
    await services.close();
  }
}

export const cold: Bench = async () => {
  const { file } = await functionBundle('webhook');
  const [launching, ignoring] = [await minimalBundle('launch'), await minimalBundle('ignore')];
  const launchBoundMs = await coldMs(launching.file, []);
  const ignoreBoundMs = await coldMs(ignoring.file, []);
  return [
    {
      id: 'cold-launch',
      what: 'Cold: load and first queued delivery to RunTask accepted, services without latency',
      unit: 'ms',
      measured: await coldMs(file, ['fargate']),
      bound: launchBoundMs,
      boundIs: 'one SDK client and one fetch (bench/minimal/launch.ts), measured beside it',
      goal: 1.2 * launchBoundMs,
      goalIs: '1.2 × the bound',
      peer: '244 (cdk, state machine not counted); 577 (terraform)',
      note: 'Ours makes five calls of three SDK clients and GitHub (parameters, token, JIT config, seal, RunTask), the bound two.',
    },
    {
      id: 'cold-ignore',
      what: 'Cold: load and first delivery that needs no launch',
      unit: 'ms',
      measured: await coldMs(file, ['ubuntu-latest']),
      bound: ignoreBoundMs,
      boundIs: 'one SDK client and one call (bench/minimal/ignore.ts), measured beside it',
      goal: 1.1 * ignoreBoundMs,
      goalIs: '1.1 × the bound',
      peer: '106; 146',
    },
  ];
};
