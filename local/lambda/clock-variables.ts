/** How the parent process tells `warped-clock.ts` the world's time. Removed before the bundle runs. */
export const CLOCK_VARIABLES = { speed: 'WORLD_CLOCK_SPEED', epochMs: 'WORLD_CLOCK_EPOCH_MS' } as const;
