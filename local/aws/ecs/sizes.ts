/**
 * The sizes that Fargate has, as the ECS developer guide lists them ("Task size"), written out apart from the
 * product's own table: the world must not repeat the product's mistakes. CPU units to memory in MiB.
 */
const GIB = 1024;

const MEMORY_BY_CPU: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1 * GIB, 2 * GIB],
  512: gibibytes(1, 4, 1),
  1024: gibibytes(2, 8, 1),
  2048: gibibytes(4, 16, 1),
  4096: gibibytes(8, 30, 1),
  8192: gibibytes(16, 60, 4),
  16384: gibibytes(32, 120, 8),
};

export function isFargateSize(cpu: number, memoryMib: number): boolean {
  return MEMORY_BY_CPU[cpu]?.includes(memoryMib) ?? false;
}

function gibibytes(from: number, to: number, step: number): number[] {
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, index) => (from + index * step) * GIB);
}
