import { readLabels } from '../../../functions/core/job/labels.ts';
import type { Policy } from '../../../functions/core/job/policy.ts';
import type { JobView, Snapshot, TaskView } from '../snapshot.ts';
import { ownPolicy } from './own-policy.ts';
import { type Wait, wait } from './waits.ts';

type Limit = keyof Policy['concurrency'];

/** Which limit of `concurrency` a job meets, and which repositories hold it. `undefined` where the policy is not known. */
export function whichLimit(
  job: Pick<JobView, 'labels' | 'repository'>,
  { policy, tasks }: Pick<Snapshot, 'policy' | 'tasks'>,
): Wait | undefined {
  if (policy === undefined) return undefined;
  const live = tasks.filter(({ status }) => status !== 'STOPPED');
  const reading = readLabels(job.labels, ownPolicy(job.repository, { policy }) ?? policy);
  const vcpu = reading.kind === 'ours' ? reading.given.vcpu : 0;
  const met = (Object.keys(UNITS) as Limit[]).find((name) => {
    const limit = policy.concurrency[name];
    return (
      limit !== undefined && use(name, countedFor(name, live, job)) + (isOfVcpus(name) ? vcpu : 1) > limit
    );
  });
  if (met === undefined)
    return wait(
      'concurrency-limit',
      'It waited for a limit of runners.yml, which has room now: reconcile launches it.',
    );
  return wait('concurrency-limit', tell(met, policy.concurrency[met] ?? 0, countedFor(met, live, job)));
}

const UNITS: Readonly<Record<Limit, string>> = {
  runners: 'runners at once',
  vcpu: 'vCPUs at once',
  runnersPerRepository: 'runners of one repository at once',
  vcpuPerRepository: 'vCPUs of one repository at once',
};

const isOfVcpus = (name: Limit): boolean => name.startsWith('vcpu');

const countedFor = (name: Limit, live: readonly TaskView[], { repository }: Pick<JobView, 'repository'>) =>
  name.endsWith('PerRepository')
    ? live.filter((task) => task.repository?.toLowerCase() === repository.toLowerCase())
    : live;

const use = (name: Limit, tasks: readonly TaskView[]): number =>
  tasks.reduce((sum, { size }) => sum + (isOfVcpus(name) ? size.vcpu : 1), 0);

/** As many repositories as a sentence bears. */
const MOST_HOLDERS = 3;

function tell(name: Limit, limit: number, tasks: readonly TaskView[]): string {
  const counts = new Map<string, number>();
  for (const task of tasks) {
    const { repository = 'others' } = task;
    counts.set(repository, (counts.get(repository) ?? 0) + use(name, [task]));
  }
  const holders = [...counts]
    .map(([repository, count]) => ({ repository, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_HOLDERS);
  const holding = holders.map(({ repository, count }) => `${repository} has ${count}`).join(', ');
  return (
    `runners.yml sets concurrency.${name.replace('vcpu', 'cpu')} (${UNITS[name]}) to ${limit}${holding && `, and ${holding}`}: ` +
    'it starts when one ends. For more, raise the limit and deploy.'
  );
}
