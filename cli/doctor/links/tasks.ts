import { STOP_CAUSES, type StopCause } from '../../../functions/core/words/stop-causes.ts';
import { ofLastHour } from '../last-hour.ts';
import { fail, link, ok, warn } from '../link.ts';
import { ADDRESS_FIX, CAPACITY_FIX } from './launches.ts';

/** What to do about a cause that keeps tasks from starting, or kills them; worst first. */
const FIXES: Readonly<Partial<Record<StopCause, string>>> = {
  'image-pull': 'check the parameter image, and that the subnets have a way out (NAT, public address)',
  'container-start': 'ECS’s own words say what is missing: a log group, a role, a network',
  'no-address': ADDRESS_FIX,
  'no-capacity': CAPACITY_FIX,
  'disk-full': 'ask for a larger disk: fargate/storage=... in runs-on',
  'out-of-memory': 'ask for a larger size: fargate/memory=... in runs-on',
};
/** What ends by itself, or is the job's own. */
const PASSING: ReadonlySet<StopCause> = new Set(['no-capacity', 'out-of-memory']);

const TASK_STOPS = ofLastHour((seen) => seen.tasks.flatMap(({ stop }) => stop ?? []));

export const tasks = link({
  id: 'tasks',
  title: 'tasks start',
  tries: 'ecs:DescribeTasks, for what stopped in the last hour',
  needs: ['cluster', 'image', 'network'],
  reads: { stops: TASK_STOPS },
  judge: ({ stops }) => {
    const cause = (Object.keys(FIXES) as StopCause[]).find((one) => stops.some((stop) => stop.cause === one));
    if (cause === undefined) return ok('no task failed to start in the last hour');
    const words = stops.find((stop) => stop.cause === cause)?.reason ?? STOP_CAUSES[cause];
    return (PASSING.has(cause) ? warn : fail)(`${cause}: ${words}`, FIXES[cause] ?? '');
  },
});
