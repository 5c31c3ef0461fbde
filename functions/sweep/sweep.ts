import type { Repository } from '../core/job/repository.ts';
import type { RemoveRunner, StopTask, SweepPlan } from '../core/plan/plan-sweep.ts';
import type { SweepMemory } from '../core/plan/sweep-memory.ts';
import type { SweepPorts } from '../core/ports.ts';
import type { TaskFact } from '../core/task/facts.ts';
import { endsSoon } from '../core/task/runner-version.ts';
import { attempt } from './attempt.ts';
import { type Pass, stepOf } from './pass.ts';
import { reap } from './reap.ts';
import { redeliver } from './redeliver.ts';
import { removeOrphans } from './registrations.ts';
import { doubtBusy, pollInTurn } from './rotation.ts';

const VERSION_EVERY_MS = 12 * 60 * 60 * 1000;

/** What one sweep saw, did and left alone, and every fault that it met on the way. */
export interface SweepReport {
  readonly seen: {
    readonly tasks: number | undefined;
    /** Of those, what has not stopped; for the dashboard. */
    readonly live: { readonly tasks: number; readonly vcpus: number } | undefined;
    readonly registrations: number | undefined;
  };
  readonly stopped: readonly StopTask[];
  readonly removed: readonly RemoveRunner[];
  readonly left: SweepPlan['leave'];
  readonly doubted: readonly Repository[];
  readonly redelivered: readonly string[];
  /** True where GitHub soon refuses the image's runner, or does so already. */
  readonly versionEndsSoon: boolean;
  /** True where the time was over before everything was done; the next pass continues. */
  readonly isCutShort: boolean;
  readonly errors: readonly Error[];
}

/**
 * One scheduled pass, in the order of what a job would miss most: doubts, then what is over its limits, polls, deliveries,
 * orphans. Each step has its time, and each item fails on its own; an API that is down is never evidence, so what could
 * not be read is not judged. `memory` is changed as things are done.
 */
export async function sweep(
  ports: SweepPorts,
  memory: SweepMemory,
  { policy, nowMs, signal }: Pick<Pass, 'policy' | 'nowMs' | 'signal'>,
): Promise<SweepReport> {
  const errors: Error[] = [];
  const gather = (error: unknown) =>
    void errors.push(error instanceof Error ? error : new Error(String(error)));
  const pass: Pass = { ports, memory, policy, nowMs, signal, gather };
  const tasks = await attempt(() => ports.listTasks(), stepOf(pass, 'tasks'));
  const busy = tasks && (await doubtBusy(tasks, pass));
  const reaped = tasks && (await reap(tasks, undefined, pass));
  const polled = await pollInTurn(pass);
  const redelivered = await redeliver(pass);
  const orphans = await removeOrphans(tasks ?? [], pass);
  const versionEndsSoon = await lookAtVersion(pass);
  return {
    seen: { tasks: tasks?.length, live: tasks && countLive(tasks), registrations: orphans?.registrations },
    stopped: [...(reaped?.stopped ?? []), ...(orphans?.stopped ?? [])],
    removed: [...(reaped?.removed ?? []), ...(orphans?.removed ?? [])],
    left: orphans?.left ?? reaped?.left ?? [],
    doubted: [...(busy ?? []), ...polled],
    redelivered,
    versionEndsSoon,
    isCutShort: signal.aborted,
    errors,
  };
}

/** GitHub is asked twice a day, and the warning stands until a newer image is deployed. */
async function lookAtVersion(pass: Pass): Promise<boolean> {
  const { memory, ports, nowMs } = pass;
  if (nowMs - memory.version.readAtMs >= VERSION_EVERY_MS)
    await attempt(
      async () => {
        memory.version = { endsAtMs: await ports.readVersionEnd(), readAtMs: nowMs };
      },
      stepOf(pass, 'version'),
    );
  return endsSoon(memory.version.endsAtMs, nowMs);
}

function countLive(tasks: readonly TaskFact[]) {
  const live = tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  return { tasks: live.length, vcpus: live.reduce((sum, { size }) => sum + size.vcpu, 0) };
}
