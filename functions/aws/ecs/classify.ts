import type { Failure } from '@aws-sdk/client-ecs';
import type { RefusalKind, RunTaskOutcome } from '../../core/words/outcomes.ts';
import { readFailure } from '../sdk-failure.ts';
import { NO_ADDRESS, NO_CAPACITY } from './ecs-words.ts';

/**
 * What ECS says of a launch that it did not make. Messages are read because the codes are not enough: a throttle
 * also comes as InvalidParameterException, EC2's wrapped by ECS (dask-cloudprovider#56, wrapbox#32, dagster#33439), and
 * capacity and quota as ClientException or in `failures[]` (copilot-cli#3064: the quota of tasks, which old accounts
 * have instead of vCPUs). Sources: docs.aws.amazon.com, "RunTask" errors and "API failures messages".
 */
const BY_MESSAGE: ReadonlyArray<readonly [pattern: RegExp, kind: RefusalKind]> = [
  [
    /rate (?:limit )?exceeded|request ?limit ?exceeded|throttl|too many (?:concurrent|requests)/i,
    'throttled',
  ],
  [
    /limit on the number of (?:fargate )?(?:vcpus|tasks)|vcpu.*(?:limit|quota)|run(?:ning)? concurrently|concurrently run/i,
    'vcpu-quota',
  ],
  // On an instance: more tasks may not wait for one (AWS-91). It passes.
  [/quota of tasks in the PROVISIONING/i, 'no-capacity'],
  [NO_ADDRESS, 'no-address'],
  [NO_CAPACITY, 'no-capacity'],
];

const BY_NAME: ReadonlyMap<string, RefusalKind> = new Map([
  ['ThrottlingException', 'throttled'],
  // ECS API reference: "The limit for the resource was exceeded", which no waiting cures.
  ['LimitExceededException', 'vcpu-quota'],
  ['AccessDeniedException', 'not-permitted'],
  ['UnrecognizedClientException', 'not-permitted'],
  ['ClusterNotFoundException', 'not-found'],
]);

/** One entry of `failures[]` in an answer with status 200. */
export function classifyRunTaskFailure(failure: Failure | undefined): RunTaskOutcome {
  if (failure === undefined)
    return { kind: 'unknown', detail: 'RunTask answered with neither a task nor a failure' };
  const detail = `RunTask: ${[failure.reason, failure.detail].filter(Boolean).join(': ')}`;
  return { kind: 'refused', refusal: kindOf(undefined, detail), detail };
}

/** What the SDK threw. A 5xx, a timeout, a lost answer or a second attempt says nothing firm (rule 5). */
export function classifyRunTaskError(error: unknown): RunTaskOutcome {
  const { name, message, status, attempts, requestId } = readFailure(error);
  const detail = `RunTask: ${name}: ${message}${requestId === undefined ? '' : ` (request ${requestId})`}`;
  const isFirm = status !== undefined && status >= 400 && status < 500 && attempts === 1;
  if (!isFirm) return { kind: 'unknown', detail };
  if (name === 'ConflictException') return { kind: 'taken' };
  return { kind: 'refused', refusal: kindOf(name, message), detail };
}

function kindOf(name: string | undefined, message: string): RefusalKind {
  const byMessage = BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1];
  return byMessage ?? BY_NAME.get(name ?? '') ?? 'invalid-request';
}
