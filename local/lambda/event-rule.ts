import { retryAfterMs } from '../../model/lambda.ts';
import type { TaskStateChangeEvent } from '../aws/index.ts';
import { pass, type WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';

interface Bus {
  on(event: 'task-state-change', listener: (event: TaskStateChangeEvent) => void): void;
  off(event: 'task-state-change', listener: (event: TaskStateChangeEvent) => void): void;
}

export interface EventRule {
  readonly bus: Bus;
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly pattern: unknown;
  /** How often an event is handed over again whose handler failed. */
  readonly maximumRetries: number;
  invoke(event: TaskStateChangeEvent): Promise<unknown>;
}

/** An EventBridge rule with a function as its target: at least once, and tried again when the function fails. */
export function startEventRule(rule: EventRule): { stop(): void } {
  const { bus, faults, pattern } = rule;
  let isStopped = false;
  const listener = (event: TaskStateChangeEvent) => {
    if (!matches(pattern, event) || faults.strikes('eventbridge-lost')) return;
    const times = faults.strikes('eventbridge-twice') ? 2 : 1;
    for (let n = 0; n < times; n++) void handOver(rule, event, () => isStopped);
  };
  bus.on('task-state-change', listener);
  return {
    stop() {
      isStopped = true;
      bus.off('task-state-change', listener);
    },
  };
}

async function handOver(
  { clock, maximumRetries, invoke }: EventRule,
  event: TaskStateChangeEvent,
  isStopped: () => boolean,
): Promise<void> {
  for (let failures = 0; !isStopped(); ) {
    const isDone = await invoke(event).then(
      () => true,
      () => false,
    );
    if (isDone) return;
    const waitMs = retryAfterMs(++failures, maximumRetries);
    if (waitMs === undefined) return;
    await pass(clock, waitMs);
  }
}

/** EventBridge user guide, event patterns: every field of the pattern has one of its values. Exact values only. */
export function matches(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.includes(event);
  return Object.entries(Object(pattern)).every(
    ([key, inner]) => Object.hasOwn(Object(event), key) && matches(inner, Reflect.get(Object(event), key)),
  );
}
