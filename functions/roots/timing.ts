/** Time as the flows see it. */
export const timing = {
  now: (): number => Date.now(),
  endAfter: (milliseconds: number): AbortSignal => AbortSignal.timeout(milliseconds),
};
