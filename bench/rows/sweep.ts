import { functionBundle } from '../bundles.ts';
import { lambdaNodeOptions, runFresh } from '../child.ts';
import { benchParameters, functionEnvironment } from '../deployment.ts';
import { healthyTasks } from '../healthy-tasks.ts';
import { type Bench, median } from '../row.ts';
import { startServices } from '../services.ts';

const TASKS = 10_000;
const PAGE = 100;
/** serverless.yml gives the sweep 50 seconds. */
const TIME_LIMIT_S = 50;
const AWS_MS = 25;
const MEGABYTE = 1024 * 1024;

export const sweep: Bench = async () => {
  const { file } = await functionBundle('sweep');
  const services = await startServices(
    benchParameters(),
    { githubMs: 150, awsMs: AWS_MS },
    healthyTasks(TASKS),
  );
  try {
    const environment = () => ({ ...functionEnvironment(services.url), BENCH_BUNDLE: file });
    const runs = await runFresh<{ totalMs: number; rssBytes: number }>(
      3,
      'sweep',
      environment,
      lambdaNodeOptions(128),
    );
    const sweeps = 2 * (runs.length + 1);
    const count = (start: string) => services.calls.filter((call) => call.startsWith(start)).length / sweeps;
    return [
      {
        id: 'sweep-ecs-calls',
        what: `Sweep of ${TASKS} healthy tasks: calls of ECS`,
        unit: 'calls',
        measured: count('ecs'),
        bound: (TASKS / PAGE) * 2,
        boundIs: 'a page of a list and a description for each hundred',
        goal: (TASKS / PAGE) * 2 + 1,
        goalIs: 'the bound, and one list of what has stopped',
        peer: '3 calls of GitHub for each idle runner, one a second',
        note: `Calls of GitHub a sweep: ${count('github').toFixed(1)}, whatever the number of tasks (the delivery list, and on a first sweep the scopes).`,
      },
      {
        id: 'sweep-time',
        what: `Sweep of ${TASKS} healthy tasks: time at ${AWS_MS} ms a call`,
        unit: 's',
        measured: median(runs.map(({ totalMs }) => totalMs)) / 1000,
        bound: ((TASKS / PAGE) * AWS_MS) / 1000,
        boundIs: 'the pages of the list, one after another',
        goal: TIME_LIMIT_S,
        goalIs: 'the function’s time limit',
        peer: '59 s for 60 idle runners',
      },
      {
        id: 'sweep-memory',
        what: `Sweep of ${TASKS} healthy tasks: most memory`,
        unit: 'MB',
        measured: median(runs.map(({ rssBytes }) => rssBytes)) / MEGABYTE,
        bound: 43,
        boundIs: 'an empty process (see the row on memory)',
        goal: 128,
        goalIs: 'Lambda’s smallest function',
        peer: 'not measured',
      },
    ];
  } finally {
    await services.close();
  }
};
