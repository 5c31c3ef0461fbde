import { PROVIDERS, type ProviderName } from '../job/providers.ts';
import type { Architecture } from '../job/sizes.ts';
import { FARGATE_PRICES } from './fargate-prices.ts';

/** Whose prices stand in where a region has no figure: the list has them all there, and a test holds that. */
export const STAND_IN_REGION = 'us-east-1';

/** Beyond the 20 GiB that every task has. */
const FREE_STORAGE_GIB = 20;
/** The least that is billed (AWS-60). */
const LEAST_SECONDS = 60;
const HOUR_SECONDS = 3600;

/**
 * What a vCPU with 2 GiB costs an hour on an instance that ECS manages, with ECS's fee: a c6a.2xlarge in us-east-1, 8 vCPU
 * and 16 GiB, $0.306 and $0.037 (AWS-92). ECS chooses the instance; one with more memory for each vCPU costs less a GiB
 * than this says.
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

/** Something that has a price of its own. */
export type Priced = Architecture | 'storage' | 'instances';

/** What of this hardware is priced as in us-east-1, because the region has no figure for it. */
export function standInsFor({ arch, storageGiB, provider }: TaskHardware, region: string): Priced[] {
  if (region === STAND_IN_REGION) return [];
  if (!PROVIDERS[provider].isFargate) return ['instances'];
  const { [arch]: compute, storageGiB: storage } = pricesOf(region);
  const hasStorage = storage !== undefined || storageGiB <= FREE_STORAGE_GIB;
  return [...(compute === undefined ? [arch] : []), ...(hasStorage ? [] : ['storage' as const])];
}

/**
 * Estimates what a task costs, in US dollars, at its region's own prices where the list has them (AWS-60, AWS-80). Spot's
 * price moves, so that its share is an estimate in itself (AWS-81). The seconds run from the pull of its image to its stop.
 */
export function estimateCostUsd(hardware: TaskHardware, seconds: number, region: string): number {
  const hourUsd =
    computeHourUsd(hardware, region) * PROVIDERS[hardware.provider].priceShare +
    storageHourUsd(hardware, region);
  return (hourUsd * Math.max(LEAST_SECONDS, seconds)) / HOUR_SECONDS;
}

/** What the same task would have cost more on demand, in US dollars: 0 where it ran on demand. An estimate, as Spot's price. */
export function spotSavedUsd(hardware: TaskHardware, seconds: number, region: string): number {
  const savedShare = 1 - PROVIDERS[hardware.provider].priceShare;
  return (computeHourUsd(hardware, region) * savedShare * Math.max(LEAST_SECONDS, seconds)) / HOUR_SECONDS;
}

const pricesOf = (region: string) => FARGATE_PRICES[region] ?? {};

function computeHourUsd({ vcpu, memoryGiB, arch, provider }: TaskHardware, region: string): number {
  if (!PROVIDERS[provider].isFargate) return instanceHourUsd(vcpu, memoryGiB);
  const [vcpuUsd, gibUsd] = pricesOf(region)[arch] ?? pricesOf(STAND_IN_REGION)[arch] ?? [0, 0];
  return vcpu * vcpuUsd + memoryGiB * gibUsd;
}

/** The whole instance is billed, from its boot to its end: this is for as long as the task lives. */
const instanceHourUsd = (vcpu: number, memoryGiB: number): number =>
  Math.max(vcpu, memoryGiB / INSTANCE_GIB_PER_VCPU) * INSTANCE_VCPU_HOUR_USD;

function storageHourUsd({ storageGiB }: TaskHardware, region: string): number {
  const gibUsd = pricesOf(region).storageGiB ?? pricesOf(STAND_IN_REGION).storageGiB ?? 0;
  return Math.max(0, storageGiB - FREE_STORAGE_GIB) * gibUsd;
}

/** How long a task is billed, from epoch milliseconds: 0 where it ended before its image was pulled, else a minute at least. */
export function billedSeconds(pullStartedAtMs: number | undefined, endedAtMs: number): number {
  if (pullStartedAtMs === undefined || endedAtMs <= pullStartedAtMs) return 0;
  return Math.max(LEAST_SECONDS, (endedAtMs - pullStartedAtMs) / 1000);
}

/** As `estimateCostUsd`, for seconds of `billedSeconds`. */
export const taskCostUsd = (hardware: TaskHardware, billed: number, region: string): number =>
  billed === 0 ? 0 : estimateCostUsd(hardware, billed, region);

/** The billed seconds of a record that has none: it was priced as in us-east-1, whatever its region was. */
export const secondsOfCost = (hardware: TaskHardware, costUsd: number): number =>
  costUsd === 0 ? 0 : (costUsd / estimateCostUsd(hardware, HOUR_SECONDS, STAND_IN_REGION)) * HOUR_SECONDS;
