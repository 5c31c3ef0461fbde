import type {
  StopTaskRequest,
  StopTaskResponse,
  TagResourceRequest,
  TagResourceResponse,
} from '@aws-sdk/client-ecs';
import { AwsError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { showTask } from './read.ts';
import { checkTags, mergeTags } from './tags.ts';

/** StopTask: SIGTERM, then SIGKILL after the container's stopTimeout. A stopped task is an answer, not an error. */
export function stopTask(cluster: Cluster, request: StopTaskRequest): StopTaskResponse {
  cluster.expectCluster(request.cluster);
  const task = cluster.find(request.task ?? '');
  if (!task) throw invalid('The referenced task was not found.');
  const reason = request.reason ?? 'Task stopped by user';
  if (reason.length > 1024) throw invalid('reason must be at most 1024 characters.');
  cluster.lifeOf(task).stop({ code: 'UserInitiated', reason });
  return { task: showTask(task, false) };
}

/** TagResource, for tasks only: nothing else of the stack is tagged by hand. */
export function tagResource(cluster: Cluster, request: TagResourceRequest): TagResourceResponse {
  const arn = request.resourceArn ?? '';
  if (!arn.startsWith('arn:aws:ecs:')) throw invalid('Invalid resource ARN.');
  const task = cluster.find(arn);
  if (!task) throw new AwsError('ResourceNotFoundException', 'The specified resource was not found.');
  if (task.view.lastStatus === 'STOPPED') {
    throw invalid('The specified task is stopped. Specify a running task and try again.');
  }
  checkTags(request.tags ?? [], task.tags);
  task.tags = mergeTags(task.tags, request.tags ?? []);
  return {};
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
