/** The value of the parameter `image` that stands for what the pipeline built last. */
export const PIPELINE_IMAGE = 'pipeline';

/** Warn this long before GitHub stops accepting a runner version: an image is built and deployed within it. */
const WARN_BEFORE_MS = 14 * 24 * 60 * 60 * 1000;

/** The runner's version, where an image's tag is one. A digest alone and `latest` tell none. */
export const runnerVersionOf = (image: string): string | undefined =>
  /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(image)?.[1];

/** Whether a version that is refused from then on (epoch milliseconds; never, where undefined) is to be replaced now. */
export const endsSoon = (endsAtMs: number | undefined, nowMs: number): boolean =>
  endsAtMs !== undefined && endsAtMs - nowMs <= WARN_BEFORE_MS;
