import { ECSClient } from '@aws-sdk/client-ecs';
import { findTask, markTask, noteJobOver } from '../aws/ecs/tasks.ts';
import type { StageConfiguration } from '../config.ts';
import type { MarkPorts } from '../core/ports.ts';
import { createQueuePorts } from '../stage/queue.ts';

/**
 * The ports of marks, ends of jobs and doubts. Loaded for a job on one of our runners, and for what could not be
 * launched.
 */
export function createSettling(stage: StageConfiguration): MarkPorts {
  const ecs = new ECSClient({});
  return {
    ...createQueuePorts(stage),
    findTask: (runnerName) => findTask(ecs, stage.clusterArn, stage.runnerPrefix, runnerName),
    markTask: (taskArn, jobId) => markTask(ecs, taskArn, jobId),
    noteJobOver: (taskArn, atMs) => noteJobOver(ecs, taskArn, atMs),
  };
}
