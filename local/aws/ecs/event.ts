import { randomUUID } from 'node:crypto';
import type { Task } from '@aws-sdk/client-ecs';

/** A Task as EventBridge carries it: dates as ISO text, no tags. */
type TaskStateChangeDetail = { [K in keyof Omit<Task, 'tags'>]: AsJson<Task[K]> } & {
  readonly updatedAt: string;
};

type AsJson<T> = T extends Date ? string : T;

/** ECS developer guide: "Amazon ECS task state change events". Delivered at least once, by EventBridge. */
export interface TaskStateChangeEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'ECS Task State Change';
  readonly source: 'aws.ecs';
  readonly account: string;
  /** Whole seconds, as EventBridge writes them. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: TaskStateChangeDetail;
}

export function taskStateChange(task: Task, now: Date): TaskStateChangeEvent {
  const [, , , region = '', account = ''] = (task.taskArn ?? '').split(':');
  const { tags: _, ...visible } = task;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account,
    time: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [task.taskArn ?? ''],
    // JSON turns dates into the ISO text that the event carries, and drops what is undefined.
    detail: JSON.parse(JSON.stringify({ ...visible, updatedAt: now })) as TaskStateChangeDetail,
  };
}
