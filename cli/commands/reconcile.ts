import type { DoubtedRepository } from '../../functions/core/doubt.ts';
import { planReconcile } from '../../functions/core/plan-reconcile.ts';
import { explain } from '../../functions/core/reasons.ts';
import { listActiveJobs } from '../../functions/github/jobs.ts';
import { listRepositories } from '../../functions/github/scopes.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Installation } from '../installation.ts';
import type { AddCommand } from '../main.ts';
import { readTasks } from '../observe/tasks.ts';
import { duration, table } from '../output.ts';
import { readPolicy } from '../policy.ts';

const MOST_READS = 500;

export const addReconcile: AddCommand = (program, context) => {
  program
    .command('reconcile')
    .argument('<repository>', 'owner/name')
    .description('what a reconcile of the repository would launch, and why not the rest; applies nothing')
    .option('--dry-run', 'the only way: reconcile itself does the launching', true)
    .action(async (fullName: string) => {
      const { installation, output } = context();
      const place = await installation();
      const policy = await readPolicy();
      const repository = await findRepository(place, fullName, policy);
      const jobs = await listActiveJobs(await place.github(), repository, MOST_READS);
      const tasks = (await readTasks(place)).map(({ fact }) => fact);
      const nowMs = place.now();
      const plan = planReconcile({ repository, jobs, tasks }, policy, place.stack, nowMs);
      const rows = [
        ...plan.launches.map(({ launch, queuedAtMs }) => [
          launch.jobId,
          'launch',
          '',
          duration(nowMs - queuedAtMs),
        ]),
        ...plan.matched.map(({ jobId, runnerName }) => [jobId, 'wait', `${runnerName} counts for it`, '']),
        ...plan.waiting.map(({ jobId, reason, queuedAtMs }) => [
          ...[jobId, 'wait', explain(reason), duration(nowMs - queuedAtMs)],
        ]),
      ];
      output.answer(plan, () =>
        rows.length === 0
          ? `no job of ours waits in ${fullName}`
          : table(['Job', 'Would', 'Why', 'Queued for'], rows),
      );
    });
};

async function findRepository(
  place: Installation,
  fullName: string,
  policy: Parameters<typeof listRepositories>[1],
): Promise<DoubtedRepository> {
  const repositories = await listRepositories(await place.github(), policy);
  const found = repositories.find(
    ({ owner, name }) => `${owner}/${name}`.toLowerCase() === fullName.toLowerCase(),
  );
  if (found !== undefined) return found;
  const names = repositories.map(({ owner, name }) => `${owner}/${name}`);
  throw new CliError(
    `${fullName} is not served`,
    `allow it in runners.yml and install the App on it; served are: ${names.join(', ') || 'none'}`,
    EXIT.usage,
  );
}
