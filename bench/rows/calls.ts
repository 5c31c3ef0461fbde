import { functionBundle } from '../bundles.ts';
import { runChild } from '../child.ts';
import { benchParameters, functionEnvironment } from '../deployment.ts';
import type { Bench } from '../row.ts';
import { startServices } from '../services.ts';

/** The calls that one more job costs a warm function: all but those of its first delivery. */
export async function warmCalls(bundle: string): Promise<readonly string[]> {
  const services = await startServices(benchParameters());
  try {
    const environment = { ...functionEnvironment(services.url), BENCH_BUNDLE: bundle };
    await runChild('warm', { ...environment, BENCH_DELIVERIES: '0' });
    const first = services.calls.length;
    await runChild('warm', { ...environment, BENCH_DELIVERIES: '1' });
    return services.calls.slice(2 * first);
  } finally {
    await services.close();
  }
}

export const calls: Bench = async () => {
  const { file } = await functionBundle('webhook');
  const made = await warmCalls(file);
  const launches = made.filter((call) => call === 'ecs RunTask').length;
  return [
    {
      id: 'calls-per-job',
      what: 'Calls per job, warm, one after another',
      unit: 'calls',
      measured: made.length,
      bound: 2,
      boundIs: 'one of GitHub, one of ECS',
      goal: 3,
      goalIs: 'one each of GitHub, KMS and ECS',
      peer: '8 (terraform-aws-github-runner); 5 and 6 state transitions (cdk-github-runners)',
      note: made.join(', '),
    },
    {
      id: 'hops',
      what: 'Functions and queues before the launch',
      unit: 'hops',
      // The function that takes the delivery made the RunTask call itself, or it would not be among its calls.
      measured: launches === 1 ? 1 : Number.NaN,
      bound: 1,
      boundIs: 'something must take the delivery',
      goal: 1,
      goalIs: 'the bound, and no fixed delay',
      peer: '4, and 30 s; 3',
    },
  ];
};
