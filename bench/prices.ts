import { estimateCostUsd } from '../functions/core/task/prices.ts';

/** What a month has at AWS: 365 days of 24 hours, divided by 12. */
export const HOURS_A_MONTH = 730;

/**
 * List prices of us-east-1 in US dollars, without free tiers, as of November 2026: each with its page at aws.amazon.com.
 * Those of Fargate are in functions/core/task/fargate-prices.ts.
 */
export const PRICES = {
  /** lambda/pricing. */
  lambdaRequest: 0.2 / 1e6,
  /** arm64. */
  lambdaGibSecond: 0.000_013_333_4,
  /** api-gateway/pricing. */
  httpApiRequest: 1 / 1e6,
  /** kms/pricing: Encrypt and Decrypt of a symmetric key. */
  kmsRequest: 0.03 / 1e4,
  /** And as much again for each of its first two rotations. */
  kmsKeyMonth: 1,
  /** sqs/pricing. */
  sqsFifoRequest: 0.5 / 1e6,
  /** cloudwatch/pricing: standard class, ingestion. */
  logGib: 0.5,
  /** Of each metric that an alarm looks at, not of each alarm. */
  alarmMetricMonth: 0.1,
  /** Free are an account's first three that show at most 50 metrics each. */
  dashboardMonth: 3,
  /** Prorated by the hour in which it is emitted. */
  metricMonth: 0.3,
  /** vpc/pricing. */
  natHour: 0.045,
  natGb: 0.045,
  addressHour: 0.005,
  endpointHour: 0.01,
  endpointGb: 0.01,
  /** ec2/pricing/on-demand, data transfer: $0.01 out of one zone and $0.01 into the other. */
  zonesGb: 0.02,
  /** codebuild/pricing: general1.small, a minute; arm1.small is less. */
  buildMinute: 0.005,
  /** ecr/pricing. */
  ecrGbMonth: 0.1,
} as const;

/**
 * What GitHub charges for a minute of its own runners, Linux, each begun minute in full: docs.github.com, *Actions runner
 * pricing*, as of November 2026. The sizes are those of private repositories; standard ones are free in public ones.
 */
export const HOSTED = [
  { name: 'standard, 2-core', vcpu: 2, memoryGiB: 8, arch: 'x64', minuteUsd: 0.006 },
  { name: 'larger, 4-core', vcpu: 4, memoryGiB: 16, arch: 'x64', minuteUsd: 0.012 },
  { name: 'larger, 4-core', vcpu: 4, memoryGiB: 16, arch: 'arm64', minuteUsd: 0.008 },
  { name: 'larger, 8-core', vcpu: 8, memoryGiB: 32, arch: 'x64', minuteUsd: 0.022 },
] as const;

/** The job that every figure is of. A task is billed from the pull of its image to its stop (fargate/pricing). */
export const BASIS = {
  jobs: 1_000,
  jobMinutes: 5,
  /** Pull, start, the listener's session, and its end. */
  bootMinutes: 1,
  vcpu: 2,
  memoryGiB: 4,
  /** Compressed; estimated from 1.55 GiB uncompressed (actions/runner#3726). */
  imageGb: 0.6,
} as const;

/** What Fargate bills for a task of a size, on demand and x64. */
export const taskUsd = (
  vcpu: number,
  memoryGiB: number,
  minutes: number,
  arch: 'x64' | 'arm64' = 'x64',
): number =>
  estimateCostUsd({ vcpu, memoryGiB, storageGiB: 20, arch, provider: 'fargate' }, minutes * 60, 'us-east-1');
