import { parseRunnerName } from '../../functions/core/identity.ts';
import { planSweep } from '../../functions/core/plan-sweep.ts';
import { explain } from '../../functions/core/reasons.ts';
import { listRegistrations } from '../../functions/github/runners.ts';
import { listScopes } from '../../functions/github/scopes.ts';
import type { AddCommand } from '../main.ts';
import { readTasks } from '../observe/tasks.ts';
import { table } from '../output.ts';
import { readPolicy } from '../policy.ts';

export const addSweep: AddCommand = (program, context) => {
  program
    .command('sweep')
    .description('what a sweep would stop and remove now, and why it leaves the rest; applies nothing')
    .option('--dry-run', 'the only way: the sweep itself runs each minute', true)
    .action(async () => {
      const { installation, output } = context();
      const place = await installation();
      const policy = await readPolicy();
      const app = await place.github();
      const isOurs = (name: string) => parseRunnerName(place.stack, name) !== undefined;
      // Registrations before tasks, as the sweep reads them.
      const scopes = await listScopes(app, policy);
      const registrations = (
        await Promise.all(scopes.map((scope) => listRegistrations(app, scope, isOurs)))
      ).flat();
      const tasks = (await readTasks(place)).map(({ fact }) => fact);
      const snapshot = { tasks, registrations, looks: [], settledTaskArns: new Set<string>() };
      const plan = planSweep(snapshot, policy, place.now());
      const rows = [
        ...plan.stop.map(({ runnerName, reason }) => [runnerName, 'stop the task', explain(reason)]),
        ...plan.remove.map(({ runnerName, reason }) => [runnerName, 'remove the runner', explain(reason)]),
        ...plan.leave.map(({ runnerName, reason }) => [runnerName, 'leave alone', explain(reason)]),
      ];
      output.answer(plan, () =>
        rows.length === 0 ? 'no tasks and no runners' : table(['Runner', 'Would', 'Why'], rows),
      );
    });
};
