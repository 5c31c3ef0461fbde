import { PROVIDERS, type ProviderName } from '../job/providers.ts';
import type { Architecture } from '../job/sizes.ts';

/**
 * What Fargate costs an hour for Linux in us-east-1, US dollars (aws.amazon.com/fargate/pricing). Other regions differ by
 * up to a third or so, and Spot's price moves: what is made of these is an estimate, and is called one.
 */
const HOUR_USD: Readonly<Record<Architecture, { readonly vcpu: number; readonly memoryGiB: number }>> = {
  x64: { vcpu: 0.04048, memoryGiB: 0.004445 },
  arm64: { vcpu: 0.03238, memoryGiB: 0.00356 },
};
/** Beyond the 20 GiB that every task has. */
const STORAGE_GIB_HOUR_USD = 0.000111;
const FREE_STORAGE_GIB = 20;
/** The least that is billed. */
const LEAST_SECONDS = 60;
const HOUR_SECONDS = 3600;

/**
 * What a vCPU with 2 GiB costs an hour on an instance that ECS manages, with ECS's fee: a c6a.2xlarge, 8 vCPU and 16 GiB,
 * $0.306 and $0.037 (AWS-92). ECS chooses the instance; one with more memory for each vCPU costs less a GiB than this says.
 */
const INSTANCE_VCPU_HOUR_USD = 0.343 / 8;
const INSTANCE_GIB_PER_VCPU = 2;

/** What a task is, as far as it is billed. */
export interface TaskHardware {
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly storageGiB: number;
  readonly arch: Architecture;
  readonly provider: ProviderName;
}

/** Estimates what a task costs, in US dollars. The seconds run from the pull of its image to its stop. */
export function estimateCostUsd(hardware: TaskHardware, seconds: number): number {
  const { storageGiB, provider } = hardware;
  const compute =
    (PROVIDERS[provider].isFargate ? fargateHourUsd(hardware) : instanceHourUsd(hardware)) *
    PROVIDERS[provider].priceShare;
  const storage = Math.max(0, storageGiB - FREE_STORAGE_GIB) * STORAGE_GIB_HOUR_USD;
  return ((compute + storage) * Math.max(LEAST_SECONDS, seconds)) / HOUR_SECONDS;
}

const fargateHourUsd = ({ vcpu, memoryGiB, arch }: TaskHardware): number =>
  vcpu * HOUR_USD[arch].vcpu + memoryGiB * HOUR_USD[arch].memoryGiB;

/** The whole instance is billed, from its boot to its end: this is for as long as the task lives. */
const instanceHourUsd = ({ vcpu, memoryGiB }: TaskHardware): number =>
  Math.max(vcpu, memoryGiB / INSTANCE_GIB_PER_VCPU) * INSTANCE_VCPU_HOUR_USD;

/** As `estimateCostUsd`, from epoch milliseconds: 0 where the task ended before its image was pulled. */
export function taskCostUsd(
  hardware: TaskHardware,
  pullStartedAtMs: number | undefined,
  endedAtMs: number,
): number {
  if (pullStartedAtMs === undefined || endedAtMs <= pullStartedAtMs) return 0;
  return estimateCostUsd(hardware, (endedAtMs - pullStartedAtMs) / 1000);
}
