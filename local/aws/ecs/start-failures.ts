/** How a task fails before its container runs, in ECS's words. */
export interface StartFailure {
  /** The state in which it fails: what is asked for the network comes before the pull. */
  readonly state: 'PROVISIONING' | 'PENDING';
  /** Whether the container says it too. */
  readonly isOfContainer: boolean;
  reason(place: { readonly image: string; readonly subnet: string }): string;
}

/**
 * All with stop code `TaskFailedToStart`. Sources: docs.aws.amazon.com, Amazon ECS stopped tasks error messages, and "Stopped
 * tasks error codes"; aws/containers-roadmap#2034 (capacity); paradisec-archive/nabu#1259 (addresses);
 * re:Post, "tasks for AWS Fargate stuck in the PENDING state" (network interface).
 */
const START_FAILURES: readonly StartFailure[] = [
  {
    state: 'PENDING',
    isOfContainer: true,
    reason: ({ image }) =>
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: not found`,
  },
  {
    state: 'PENDING',
    isOfContainer: false,
    reason: () =>
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ' +
      'unable to retrieve ecr registry auth: service call has been retried 3 time(s)',
  },
  {
    state: 'PENDING',
    isOfContainer: false,
    reason: () =>
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to ' +
      'create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.',
  },
  {
    state: 'PROVISIONING',
    isOfContainer: false,
    reason: () =>
      'Capacity is unavailable at this time. Please try again later or in a different availability zone',
  },
  {
    state: 'PROVISIONING',
    isOfContainer: false,
    reason: () => 'Timeout waiting for network interface provisioning to complete.',
  },
  {
    state: 'PROVISIONING',
    isOfContainer: false,
    reason: ({ subnet }) =>
      `Unexpected EC2 error while attempting to Create Network Interface in subnet '${subnet}': InsufficientFreeAddressesInSubnet`,
  },
];

/** One of them. `random` returns 0 (inclusive) to 1 (exclusive). */
export function drawStartFailure(random: () => number): StartFailure {
  const failure = START_FAILURES[Math.floor(random() * START_FAILURES.length)];
  if (failure === undefined) throw new RangeError('random must return 0 to 1, without 1');
  return failure;
}
