/**
 * Every fault, with the highest rate that a seed may draw for it: the chance at each opportunity, or, for a period
 * (`...Down`, `no...`, `...Limit`), that the seed has one.
 */
const FAULTS = {
  // Deliveries.
  deliveryDuplicated: 0.3,
  deliveryLostRecorded: 0.25,
  deliveryLostSilently: 0.25,
  deliveryReordered: 0.5,
  deliveryLate: 0.15,
  inProgressLost: 0.5,
  // Calls and functions.
  crash: 0.03,
  lostAnswer: 0.04,
  serverError: 0.05,
  slowCall: 0.05,
  retriedThrottle: 0.15,
  runTaskFailure: 0.15,
  throttled: 0.15,
  secondaryLimit: 0.15,
  primaryLimit: 0.5,
  noSpot: 0.5,
  spotComesAndGoes: 0.5,
  refusedTokenKept: 1,
  noCapacity25: 0.4,
  noCapacity70: 0.3,
  // Tasks and runners.
  failsToStart: 0.2,
  lateBoot: 0.5,
  slowBoot: 0.15,
  neverBoots: 0.05,
  hostKilled: 0.1,
  spotInterrupted: 0.3,
  swapWithin: 1,
  swapAcross: 0.5,
  foreignTaker: 0.3,
  dyingRunner: 0.15,
  idleRemoved: 0.15,
  cancelled: 0.2,
  lyingBusy: 0.5,
  // What is seen late, twice or never.
  githubLag: 1,
  ecsLag: 1,
  eventTwice: 0.4,
  eventLost: 0.4,
  messageTwice: 0.2,
  messageLost: 0.3,
  sweepDown: 0.5,
  githubDown: 0.4,
  ecsDown: 0.4,
  queueDown: 0.3,
} as const;

export type Fault = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly Fault[];
export type Rates = Readonly<Record<Fault, number>>;

/** Each fault is off in one seed of three, and else has a rate of its own. `only` keeps the named ones, `fixed` fixes some. */
export function drawRates(random: () => number, only: ReadonlySet<Fault>, fixed: Partial<Rates> = {}): Rates {
  const rates = FAULT_NAMES.map((fault) => {
    const rate = random() < 1 / 3 ? 0 : FAULTS[fault] * random();
    return [fault, only.has(fault) ? (fixed[fault] ?? rate) : 0] as const;
  });
  return Object.fromEntries(rates) as Record<Fault, number>;
}
