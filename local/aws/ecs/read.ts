import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  Task,
} from '@aws-sdk/client-ecs';
import { AwsError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { TaskRecord } from './task.ts';

/** A task as the API shows it. */
export function showTask(task: TaskRecord, withTags: boolean): Task {
  return { ...task.view, tags: withTags ? [...task.tags] : [] };
}

const MAXIMUM_TASKS = 100;

/** ListTasks: what is meant to run, unless `desiredStatus` says otherwise; `startedBy` stands alone. */
export function listTasks(cluster: Cluster, request: ListTasksRequest): ListTasksResponse {
  cluster.expectCluster(request.cluster);
  checkFilters(request);
  const size = request.maxResults ?? MAXIMUM_TASKS;
  if (!Number.isInteger(size) || size < 1 || size > MAXIMUM_TASKS) {
    throw invalid(`maxResults must be between 1 and ${MAXIMUM_TASKS}.`);
  }
  const after = readToken(request.nextToken);
  const arns = [...cluster.tasks.values()]
    .filter((task) => cluster.isVisible(task) && matches(task, request))
    .map(({ arn }) => arn)
    .sort()
    .filter((arn) => arn > after);
  const page = arns.slice(0, size);
  const last = page.at(-1);
  const more = arns.length > size && last !== undefined ? { nextToken: writeToken(last) } : {};
  return { taskArns: page, ...more };
}

/** aws/aws-sdk-go-v2#1893; the API reference says so too: "it must be the only filter that you use". */
function checkFilters(request: ListTasksRequest): void {
  const { cluster: _, nextToken: _token, maxResults: _size, startedBy, ...others } = request;
  if (startedBy !== undefined && Object.keys(others).length > 0) {
    throw invalid('cannot specify startedBy with other arguments');
  }
  const { desiredStatus, launchType } = request;
  if (desiredStatus !== undefined && !['RUNNING', 'PENDING', 'STOPPED'].includes(desiredStatus)) {
    throw invalid('desiredStatus must be one of [RUNNING, PENDING, STOPPED].');
  }
  if (launchType !== undefined && !['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'].includes(launchType)) {
    throw invalid('launchType must be one of [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES].');
  }
}

function matches({ view, definition }: TaskRecord, request: ListTasksRequest): boolean {
  const {
    startedBy,
    family,
    serviceName,
    containerInstance,
    launchType,
    desiredStatus = 'RUNNING',
  } = request;
  if (serviceName !== undefined) return false;
  return (
    view.desiredStatus === desiredStatus &&
    (startedBy === undefined || view.startedBy === startedBy) &&
    (containerInstance === undefined || isNamed(containerInstance, view.containerInstanceArn)) &&
    (family === undefined || definition.family === family) &&
    (launchType === undefined || view.launchType === launchType)
  );
}

const isNamed = (nameOrArn: string, arn = ''): boolean =>
  arn !== '' && arn.split('/').at(-1) === nameOrArn.split('/').at(-1);

function readToken(token: string | undefined): string {
  if (token === undefined) return '';
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('after:')) throw invalid('Invalid token.');
  return text.slice('after:'.length);
}

const writeToken = (arn: string) => Buffer.from(`after:${arn}`).toString('base64url');

/** DescribeTasks: up to 100; what is not there is a failure with reason MISSING. */
export function describeTasks(cluster: Cluster, request: DescribeTasksRequest): DescribeTasksResponse {
  cluster.expectCluster(request.cluster);
  const names = request.tasks ?? [];
  if (names.length === 0) throw invalid('Tasks cannot be empty.');
  if (names.length > MAXIMUM_TASKS)
    throw invalid(`Task identifiers list can have at most ${MAXIMUM_TASKS} items.`);
  const include = request.include ?? [];
  if (include.some((field) => field !== 'TAGS')) throw invalid('include must be one of [TAGS].');
  const found = names.flatMap((name) => cluster.find(name) ?? []);
  const missing = names.filter((name) => !cluster.find(name)).map((name) => fullArn(cluster, name));
  return {
    tasks: found.map((task) => showTask(task, include.length > 0)),
    failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

function fullArn({ place }: Cluster, name: string): string {
  return name.startsWith('arn:') ? name : `${place.clusterArn.replace(':cluster/', ':task/')}/${name}`;
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
