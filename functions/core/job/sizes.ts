export type Architecture = 'x64' | 'arm64';

export interface ComputeSize {
  readonly vcpu: number;
  readonly memoryGiB: number;
}

const step = (from: number, to: number, by: number): number[] =>
  Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);

/**
 * Memory (GiB) that Fargate offers for each vCPU count, both ascending.
 * Source: AWS-1.
 */
const MEMORY_BY_VCPU: ReadonlyArray<readonly [vcpu: number, memoryGiB: readonly number[]]> = [
  [0.25, [0.5, 1, 2]],
  [0.5, step(1, 4, 1)],
  [1, step(2, 8, 1)],
  [2, step(4, 16, 1)],
  [4, step(8, 30, 1)],
  [8, step(16, 60, 4)],
  [16, step(32, 120, 8)],
];

/** Ephemeral storage, GiB: what a task has by itself, and the most that may be asked for (from 21). */
export const DEFAULT_STORAGE_GIB = 20;
export const LARGEST_STORAGE_GIB = 200;

export const FARGATE_SIZES: readonly ComputeSize[] = MEMORY_BY_VCPU.flatMap(([vcpu, memories]) =>
  memories.map((memoryGiB) => ({ vcpu, memoryGiB })),
);

/**
 * The smallest Fargate size with at least this many vCPU and this much memory: fewest vCPU first, as they cost
 * nine times what a GiB costs. `undefined` when Fargate has none so large.
 */
export function roundUpSize(asked: ComputeSize): ComputeSize | undefined {
  return FARGATE_SIZES.find((size) => size.vcpu >= asked.vcpu && size.memoryGiB >= asked.memoryGiB);
}

/** The least memory (GiB) that Fargate gives to at least this many vCPU; `undefined` when there is no such size. */
export function leastMemoryGiB(vcpu: number): number | undefined {
  return FARGATE_SIZES.find((size) => size.vcpu >= vcpu)?.memoryGiB;
}

/** `0.25` as ECS wants it in an override: CPU units, 1,024 to a vCPU, in a string. */
export const cpuUnits = (vcpu: number): string => String(vcpu * 1024);

/** GiB as ECS wants it in an override: MiB in a string. */
export const memoryMiB = (memoryGiB: number): string => String(memoryGiB * 1024);

/** ECS takes any size on an instance: quarters of a vCPU and halves of a GiB keep the number of sizes small. */
const upTo = (value: number, by: number): number => Math.ceil(value / by) * by;
export const roundUpInstanceSize = ({ vcpu, memoryGiB }: ComputeSize): ComputeSize => ({
  vcpu: upTo(vcpu, 0.25),
  memoryGiB: upTo(memoryGiB, 0.5),
});
