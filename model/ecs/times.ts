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
  lateInstanceMinutes: [2, 18],
  failedStartSeconds: [5, 60],
  stopSeconds: [2, 30],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

/** ECS API reference, DescribeTasks: "stopped tasks appear in the results for at least one hour". */
export const VISIBLE_AFTER_STOP_MS = 3_600_000;
