import type { Container, Task } from '@aws-sdk/client-ecs';
import { CONTAINER_NAME } from './definitions.ts';
import { attachment, type LogLine, type TaskRecord } from './task.ts';

/** Members of a task that change; undefined takes one away. */
export type TaskChange = { [K in keyof Task]: Task[K] | undefined };

const MAXIMUM_LINES = 500;

/** Changes what is shown of a task: one version more, and one line more of its lifecycle if its status moves. */
export function applyChange(task: TaskRecord, change: TaskChange, atMs: number): void {
  const isFirst = task.lifecycle.length === 0;
  const version = (task.view.version ?? 0) + (isFirst ? 0 : 1);
  task.view = { ...task.view, ...(change as Task), version };
  if (isFirst || change.lastStatus !== undefined) {
    task.lifecycle.push({ status: task.view.lastStatus ?? '', atMs });
  }
}

/** Changes the task's container `runner`; shown as of the next change of the task. */
export function changeContainer(task: TaskRecord, change: Container): void {
  changeContainers(task, ({ name }) => name === CONTAINER_NAME, change);
}

/** Those beside it run from the start on, and the first of them only until then. */
export function startSidecars(task: TaskRecord): void {
  const lasting = task.definition.sidecars.filter(({ lasts }) => lasts).map(({ name }) => name);
  const isSidecar = ({ name }: Container) => name !== CONTAINER_NAME;
  changeContainers(task, isSidecar, { lastStatus: 'STOPPED', exitCode: 0 });
  changeContainers(task, ({ name = '' }) => lasting.includes(name), {
    lastStatus: 'RUNNING',
    exitCode: undefined,
  });
}

/** What still ran is ended with its task. */
export function stopSidecars(task: TaskRecord): void {
  changeContainers(task, ({ name, lastStatus }) => name !== CONTAINER_NAME && lastStatus === 'RUNNING', {
    exitCode: 0,
  });
  changeContainers(task, () => true, { lastStatus: 'STOPPED' });
}

function changeContainers(
  task: TaskRecord,
  isOne: (container: Container) => boolean,
  change: Container,
): void {
  const containers = (task.view.containers ?? []).map((container) =>
    isOne(container) ? { ...container, ...change } : container,
  );
  task.view = { ...task.view, containers };
}

/** Changes the status of the task's network interface. */
export function changeInterface(task: TaskRecord, status: string): void {
  const attachments = (task.view.attachments ?? []).map(({ id = '', details = [] }) => {
    const subnet = details.find(({ name }) => name === 'subnetId')?.value ?? '';
    return attachment(id, subnet, status);
  });
  task.view = { ...task.view, attachments };
}

/** Keeps the last lines. */
export function keepLine({ lines }: TaskRecord, line: LogLine): void {
  lines.push(line);
  if (lines.length > MAXIMUM_LINES) lines.shift();
}
