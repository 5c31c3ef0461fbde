/**
 * What ended a task, by ECS's account of it: a closed list, each with the sentence that a person reads. The exit code
 * (`exit-codes.ts`) says what the supervisor knew; where the ending is `unexplained`, this says why.
 */
export const STOP_CAUSES = {
  supervisor: 'the container ended by itself; its exit code says why',
  'image-pull':
    'the image could not be pulled: its name, the way out of the subnets, or the registry’s rights',
  'disk-full': 'its disk was full before it ran: the image is too large for it',
  'no-capacity': 'Fargate had no room for it after RunTask had said yes',
  'no-address': 'it got no network interface: the subnets have no free address, or EC2 was too slow',
  'container-start': 'ECS could not set up or start its container: a role, a log group, or a timeout',
  'out-of-memory': 'it was killed for using more memory than its size has',
  spot: 'AWS took the Spot capacity back',
  host: 'the machine below it failed, was retired, or AWS had an internal error',
  'stopped-by-sweep': 'the sweep stopped it: over age, its job long over, or not started in time',
  'stopped-by-hand': 'somebody stopped it by StopTask',
  unknown: 'ECS’s words are not known here; they are in the record',
} as const;
export type StopCause = keyof typeof STOP_CAUSES;

/** How ECS says that a task was stopped: its code, its words on one line, and what they come to. */
export interface TaskStop {
  readonly code: string | undefined;
  readonly reason: string | undefined;
  readonly cause: StopCause;
}

/** What the sweep's StopTask calls begin their reason with. */
export const SWEEP_STOP = 'oneshot sweep:';
