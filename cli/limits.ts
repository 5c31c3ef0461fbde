import type { Policy } from '../functions/core/job/policy.ts';
import { FARGATE_SIZES } from '../functions/core/job/sizes.ts';

/** What labels may ask for by this policy, and how to allow more. */
export function limitsInWords({ limits }: Policy): string {
  const { vcpu, memoryGiB, storageGiB } = limits;
  const most = FARGATE_SIZES.at(-1) ?? limits;
  const asked = `Labels may ask for up to ${vcpu} vCPU, ${memoryGiB} GiB of memory and ${storageGiB} GiB of storage`;
  const isAll = vcpu >= most.vcpu && memoryGiB >= most.memoryGiB;
  return isAll
    ? `${asked}, which is Fargate’s largest size.`
    : `${asked}.\nTo allow more, raise \`limits\` in runners.yml; Fargate has up to ${most.vcpu} vCPU and ${most.memoryGiB} GiB.`;
}
