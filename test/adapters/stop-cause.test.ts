import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStop } from '../../functions/aws/ecs/stop-cause.ts';
import { STOP_CAUSES } from '../../functions/core/words/stop-causes.ts';

const FAILED = 'TaskFailedToStart';
const EXITED = 'EssentialContainerExited';

describe('why a task stopped', () => {
  it.each([
    // docs.aws.amazon.com, CannotPullContainer task errors; and ResourceInitializationError of the registry.
    [FAILED, 'CannotPullContainerError: pull image manifest has been retried 1 time(s)', 'image-pull'],
    [FAILED, 'CannotPullImageManifestError: Error response from daemon: manifest unknown', 'image-pull'],
    [
      FAILED,
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed',
      'image-pull',
    ],
    // nabu#1259, and the network interface's own time limit.
    [
      FAILED,
      "Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-1': InsufficientFreeAddressesInSubnet",
      'no-address',
    ],
    [FAILED, 'Timeout waiting for network interface provisioning to complete.', 'no-address'],
    [
      FAILED,
      'ResourceInitializationError: failed to configure ENI: failed to setup regional eni',
      'no-address',
    ],
    [FAILED, 'RESOURCE:ENI', 'no-address'],
    // containers-roadmap#852, #2034.
    [
      FAILED,
      'Capacity is unavailable at this time. Please try again later or in a different availability zone',
      'no-capacity',
    ],
    [
      FAILED,
      'ResourceInitializationError: failed to validate logger args: The specified log group does not exist.',
      'container-start',
    ],
    [
      FAILED,
      'CannotStartContainerError: failed to get container status: context deadline',
      'container-start',
    ],
    [
      FAILED,
      'ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m',
      'container-start',
    ],
    [FAILED, 'Internal error', 'host'],
    ['SpotInterruption', 'Your Spot Task was interrupted.', 'spot'],
    ['SpotInterruption', undefined, 'spot'],
    ['TerminationNotice', undefined, 'host'],
    [undefined, 'ECS is performing maintenance on the underlying infrastructure hosting the task.', 'host'],
    [undefined, 'Host EC2 (instance i-0123456789abcdef0) terminated.', 'host'],
    [EXITED, 'Essential container in task exited', 'supervisor'],
    ['UserInitiated', 'oneshot sweep: over-boot-limit', 'stopped-by-sweep'],
    [
      FAILED,
      'CannotPullContainerError: failed to extract layer: write /usr/lib/x.so: no space left on device: unknown',
      'disk-full',
    ],
    ['UserInitiated', 'Task stopped by user', 'stopped-by-hand'],
    // Words of a person, which only look like ECS's.
    ['UserInitiated', 'it had no capacity left, and OutOfMemory', 'stopped-by-hand'],
    [FAILED, 'something new', 'unknown'],
    [undefined, undefined, 'unknown'],
    ['toString', undefined, 'unknown'],
  ])('should be told from %s "%s": %s', (code, reason, cause) => {
    expect(readStop(code, reason, undefined).cause).toBe(cause);
  });

  it('should be memory where only the container says so', () => {
    const words = 'OutOfMemoryError: Container killed due to memory usage';
    expect(readStop(EXITED, 'Essential container in task exited', words)).toEqual({
      code: EXITED,
      reason: `Essential container in task exited; ${words}`,
      cause: 'out-of-memory',
    });
  });

  it('should be told on one line, cut where ECS says much', () => {
    const { reason = '' } = readStop(
      FAILED,
      `CannotPullContainerError:\r\n  ${'a very long name '.repeat(40)}`,
      '',
    );
    expect(reason).toMatch(/^CannotPullContainerError: a very long name a very/);
    expect(reason).toHaveLength(300);
  });

  it('should be one line of bounded length and a member of the list, whatever ECS says', () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 100 }), { nil: undefined });
    fc.assert(
      fc.property(text, text, text, (code, reason, containerReason) => {
        const stop = readStop(code, reason, containerReason);
        expect(Object.keys(STOP_CAUSES)).toContain(stop.cause);
        expect(stop.reason?.length ?? 0).toBeLessThanOrEqual(300);
        expect(stop.reason ?? '').not.toMatch(/[\r\n\u2028\u2029]/);
      }),
    );
  });
});
