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

/** Start-up takes 20 to 40 s in a VPC (AWS-22). */
export const BOOT: Boot = {
  provisioningMs: [8_000, 14_000],
  pendingMs: [11_000, 24_000],
  activatingMs: [1_000, 2_000],
  deactivatingMs: [500, 1_000],
  deprovisioningMs: [10_000, 20_000],
};
