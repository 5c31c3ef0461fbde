/** How long each stage takes, in milliseconds of world time, from and to. */
export interface Boot {
  /** Waiting for the network interface. */
  readonly provisioningMs: readonly [number, number];
  /** Pulling the image. */
  readonly pendingMs: readonly [number, number];
  readonly activatingMs: readonly [number, number];
  readonly deactivatingMs: readonly [number, number];
  /** Releasing the network interface. */
  readonly deprovisioningMs: readonly [number, number];
}

/** Field notes, section 6: start-up takes 20 to 40 s in a VPC. */
export const BOOT: Boot = {
  provisioningMs: [8_000, 14_000],
  pendingMs: [11_000, 24_000],
  activatingMs: [1_000, 2_000],
  deactivatingMs: [500, 1_000],
  deprovisioningMs: [10_000, 20_000],
};

/** The same where all stages are one, from and to: a little wider than their sums. */
export const STAGES_AS_ONE = {
  bootSeconds: [15, 40],
  /** Late, but still supply. */
  lateBootMinutes: [1, 5],
  /** So slow that it may no longer be supply. */
  slowBootMinutes: [2, 15],
  /** An instance boots, and pulls every image (AWS-94). */
  instanceBootSeconds: [35, 110],
  failedStartSeconds: [5, 60],
  stopSeconds: [2, 30],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

/** An instance that ECS manages, from its start to its end: ECS developer guide, Managed Instances. */
export const INSTANCE = {
  /** Until it takes a task (AWS-94). */
  bootMs: [30_000, 60_000],
  /** Where there is no capacity at first: ECS tries again about every five minutes (AWS-91). */
  lateBootMs: [120_000, 1_080_000],
  /** An image that nothing has used for this long is removed (AWS-100). */
  imageCacheMs: 15 * 60_000,
  /** From then on it takes no task, and ends a week later with what still runs on it (AWS-101). */
  drainAfterMs: 14 * 86_400_000,
  endAfterMs: 21 * 86_400_000,
} as const;

/** ECS API reference, DescribeTasks: "stopped tasks appear in the results for at least one hour". */
export const VISIBLE_AFTER_STOP_MS = 3_600_000;
