import type { Policy } from '../../functions/core/job/policy.ts';
import { FARGATE_SIZES } from '../../functions/core/job/sizes.ts';

/**
 * Labels that the policy serves: the default, each named size, one with values of its own, arm64 and Spot; and a set
 * that holds another (`self-hosted, arm64, fargate`), so that a job of the smaller set may take the runner of the
 * larger and reconcile has something to repair.
 */
export function labelChoices({ labelPrefix: prefix, limits, sizes }: Policy): string[][] {
  const large = FARGATE_SIZES.findLast(
    ({ vcpu, memoryGiB }) => vcpu <= Math.min(2, limits.vcpu) && memoryGiB <= Math.min(5, limits.memoryGiB),
  );
  const own = large ? [`${prefix}/cpu=${large.vcpu}/memory=${large.memoryGiB}`] : [];
  const named = Object.keys(sizes).map((name) => `${prefix}/${name}`);
  const spot = limits.spot ? [`${prefix}/spot`] : [];
  const single = [prefix, ...own, ...named, ...spot].map((label) => [label]);
  return [...single, ['self-hosted', limits.arm64 ? 'arm64' : 'x64', prefix]];
}
