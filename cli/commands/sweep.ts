import { parseRunnerName } from '../../functions/core/job/identity.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { OLDEST_DELIVERY_MS, planRedelivery } from '../../functions/core/plan/plan-redelivery.ts';
import { planSweep, type SweepPlan } from '../../functions/core/plan/plan-sweep.ts';
import { explain } from '../../functions/core/words/reasons.ts';
import { listDeliveries } from '../../functions/github/deliveries.ts';
import { listRegistrations } from '../../functions/github/runners.ts';
import { listRepositories, listScopes, MOST_AT_ONCE } from '../../functions/github/scopes.ts';
import { wholeOf } from '../../functions/kit/partial-listing.ts';
import { mapWithin } from '../../functions/kit/within.ts';
import type { AddCommand } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { readTaskFacts } from '../observe/look.ts';
import { table } from '../output.ts';
import { readPolicy } from '../policy.ts';

interface Foreseen extends SweepPlan {
  /** Ids of failed deliveries that would be sent again. */
  readonly redeliver: readonly string[];
}

export const addSweep: AddCommand = (program, context) => {
  program
    .command('sweep')
    .description(
      'show what a sweep would stop, remove and have sent again now, and why it leaves the rest; applies nothing',
    )
    .action(async () => {
      const { connected, output } = context();
      const plan = await planNow(await connected(), await readPolicy());
      output.answer(plan, () => draw(plan));
    });
};

async function planNow(deployment: Deployment, policy: Policy): Promise<Foreseen> {
  const app = await deployment.github();
  const nowMs = deployment.now();
  const isOurs = (name: string) => parseRunnerName(deployment.runnerPrefix, name) !== undefined;
  // Registrations before tasks, as the sweep reads them.
  const scopes = wholeOf(await listScopes(app, policy));
  const lists = await mapWithin(MOST_AT_ONCE, scopes, (scope) => listRegistrations(app, scope, isOurs));
  const registrations = lists.flat();
  const tasks = await readTaskFacts(deployment);
  const deliveries = await listDeliveries(app, nowMs - OLDEST_DELIVERY_MS);
  // What the sweep remembers, it remembers in its process. A registration that is gone needs no removal; and an orphan
  // gets its first look here.
  const listed = new Set(registrations.map(({ runnerId }) => runnerId));
  const isGone = (runnerId = 0) => !listed.has(runnerId);
  const settled = tasks.filter(({ registration }) => isGone(registration?.runnerId));
  const settledTaskArns = new Set(settled.map(({ taskArn }) => taskArn));
  const plan = planSweep({ tasks, registrations, looks: [], settledTaskArns }, policy, nowMs);
  const { items } = await listRepositories(app, policy);
  const servedIds = new Set(items.map(({ id }) => id));
  const due = planRedelivery(
    deliveries,
    { servedIds, redeliveries: new Map(), areEndsWanted: policy.spot.rerun === 'once' },
    nowMs,
  );
  return { ...plan, redeliver: due.map(({ id }) => id) };
}

function draw({ stop, remove, leave, redeliver }: Foreseen): string {
  const rows = [
    ...stop.map(({ runnerName, reason }) => [runnerName, 'stop the task', explain(reason)]),
    ...remove.map(({ runnerName, reason }) => [runnerName, 'remove the runner', explain(reason)]),
    ...redeliver.map((id) => [`delivery ${id}`, 'send again', 'it failed, and no later attempt succeeded']),
    ...leave.map(({ runnerName, reason }) => [runnerName, 'leave alone', explain(reason)]),
  ];
  return rows.length === 0
    ? 'no tasks, no runners, no failed deliveries'
    : table(['What', 'Would', 'Why'], rows);
}
