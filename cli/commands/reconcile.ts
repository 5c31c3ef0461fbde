import type { Policy } from '../../functions/core/job/policy.ts';
import type { Repository } from '../../functions/core/job/repository.ts';
import { fullName } from '../../functions/core/job/repository.ts';
import { planReconcile, type ReconcilePlan } from '../../functions/core/plan/plan-reconcile.ts';
import { explain } from '../../functions/core/words/reasons.ts';
import { listRepositories } from '../../functions/github/scopes.ts';
import type { AddCommand } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import { lookAtRepository } from '../observe/github-reader.ts';
import { readTaskFacts } from '../observe/look.ts';
import { table } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { duration } from '../units.ts';

const MOST_READS = 500;
const PART_OF_IT = 'Not all active runs were read: there may be more jobs.';

export const addReconcile: AddCommand = (program, context) => {
  program
    .command('reconcile')
    .argument('<repository>', 'owner/name')
    .description(
      'show what a reconcile of the repository would launch, and why it leaves the rest; applies nothing',
    )
    .action(async (fullName: string) => {
      const { connected, output } = context();
      const deployment = await connected();
      const policy = await readPolicy();
      const repository = await findRepository(deployment, fullName, policy);
      const jobsReadAtMs = deployment.now();
      const { jobs, isWhole } = await lookAtRepository(await deployment.github(), repository, MOST_READS);
      const tasks = await readTaskFacts(deployment);
      const nowMs = deployment.now();
      const plan = planReconcile(
        { repository, jobs, isWhole, jobsReadAtMs, tasks },
        policy,
        deployment.runnerPrefix,
        nowMs,
      );
      const note = isWhole ? '' : `\n${PART_OF_IT}`;
      output.answer(
        { ...plan, isWhole },
        () => `${draw(plan, nowMs) ?? `no job waits for our runners in ${fullName}`}${note}`,
      );
    });
};

function draw({ launches, matched, waiting, leftAlone }: ReconcilePlan, nowMs: number): string | undefined {
  const rows = [
    ...launches.map(({ launch, queuedAtMs, failedLaunches }) => [
      launch.jobId,
      launch.rejection === undefined ? 'launch' : 'fail with a message',
      launch.rejection?.message ?? `no live task counts for it; ${failedLaunches} earlier launches`,
      duration(nowMs - queuedAtMs),
    ]),
    ...matched.map(({ jobId, runnerName }) => [jobId, 'wait', `${explain('matched')} (${runnerName})`, '']),
    ...[...waiting, ...leftAlone].map(({ jobId, reason, queuedAtMs }) => [
      jobId,
      'wait',
      explain(reason),
      duration(nowMs - queuedAtMs),
    ]),
  ];
  return rows.length === 0 ? undefined : table(['Job', 'Would', 'Why', 'Queued for'], rows);
}

async function findRepository(deployment: Deployment, asked: string, policy: Policy): Promise<Repository> {
  const { items: repositories, errors } = await listRepositories(await deployment.github(), policy);
  const found = repositories.find((one) => fullName(one).toLowerCase() === asked.toLowerCase());
  if (found !== undefined) return found;
  if (errors[0] !== undefined) throw errors[0];
  const names = repositories.map(fullName);
  throw new CliError(
    `${asked} is not served`,
    `add it to allow.repositories in runners.yml and install the App on it; these are served: ${names.join(', ') || 'none'}`,
    EXIT.usage,
  );
}
