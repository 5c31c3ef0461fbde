/** Time as the flows see it. */
export const timing = {
  now: (): number => Date.now(),
  endWithin: (milliseconds: number, signal: AbortSignal): AbortSignal =>
    AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]),
};
