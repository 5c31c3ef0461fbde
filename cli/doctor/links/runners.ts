import type { TaskEnding } from '../../../functions/core/task/exit-codes.ts';
import { ofLastHour } from '../last-hour.ts';
import { fail, link, ok } from '../link.ts';

/** What a task that did not run a job says, by its ending (functions/core/task/exit-codes.ts). */
const ENDINGS: Readonly<Partial<Record<TaskEnding, string>>> = {
  'version-deprecated':
    'GitHub no longer accepts this runner version: deploy with a newer image (parameter image)',
  'config-not-unsealed':
    'the task could not decrypt its configuration: check that the subnets reach KMS and that the task role is unchanged',
  'never-connected':
    'the runner did not reach GitHub: check that the subnets have a way out (NAT, public address) and the security group egress',
  'registration-gone': 'somebody removes runners on GitHub before they start: find out who',
  'bad-configuration':
    'the task definition and the image do not match: deploy again, with an image that has /home/runner',
  'docker-not-ready':
    'the Docker daemon beside the runner did not answer in time: read the log of the container dockerd in the task',
  'listener-failed': 'the listener ended by itself: oneshot logs JOB shows why',
};

/** How many tasks ended how. */
const TASK_ENDINGS = ofLastHour(({ tasks }) => {
  const endings = new Map<TaskEnding, number>();
  for (const { ending } of tasks)
    if (ending !== undefined) endings.set(ending, (endings.get(ending) ?? 0) + 1);
  return endings;
});

export const runners = link({
  id: 'runners',
  title: 'runners come up',
  tries: 'the exit codes of tasks of the last hour',
  needs: ['tasks', 'runner-version'],
  reads: { endings: TASK_ENDINGS },
  judge: ({ endings }) => {
    const bad = (Object.keys(ENDINGS) as TaskEnding[]).find((ending) => endings.has(ending));
    if (bad !== undefined) return fail(`${endings.get(bad)} ended as ${bad}`, ENDINGS[bad] ?? '');
    const told = [...endings].map(([ending, count]) => `${count} ${ending}`).join(', ');
    return ok(told || 'none ended in the last hour');
  },
});
