/**
 * Every fault, with the highest rate that a seed may draw for it (the chance at each opportunity, or, for a period, that
 * the seed has one) and the launches too many that one strike explains.
 */
const FAULTS = {
  // Deliveries. One that is old launches by a look at its own job alone, and not at runners that others have no use for.
  deliveryDuplicated: [0.3, 0],
  deliveryLostRecorded: [0.25, 1],
  deliveryLostSilently: [0.25, 0],
  deliveryReordered: [0.5, 0],
  deliveryLate: [0.15, 1],
  inProgressLost: [0.5, 1],
  deliveriesDown: [0.2, 40],
  stranger: [0.5, 0],
  namesake: [0.3, 0],
  // Calls and functions.
  crash: [0.03, 1],
  lostAnswer: [0.04, 1],
  serverError: [0.05, 1],
  slowCall: [0.05, 1],
  slowList: [0.2, 1],
  listRefused: [0.1, 0],
  ssmThrottled: [0.1, 0],
  retriedThrottle: [0.15, 1],
  runTaskFailure: [0.15, 0],
  throttled: [0.15, 0],
  secondaryLimit: [0.15, 0],
  primaryLimit: [0.5, 0],
  noSpot: [0.5, 0],
  spotComesAndGoes: [0.5, 0],
  refusedTokenKept: [1, 0],
  noCapacity25: [0.4, 0],
  noCapacity70: [0.3, 0],
  noLarge: [0.3, 0],
  // Tasks and runners.
  failsToStart: [0.2, 1],
  lateBoot: [0.5, 0],
  slowBoot: [0.15, 1],
  neverBoots: [0.05, 1],
  hostKilled: [0.1, 1],
  spotInterrupted: [0.3, 1],
  swapWithin: [1, 0],
  swapAcross: [0.5, 1],
  foreignTaker: [0.3, 1],
  dyingRunner: [0.15, 1],
  idleRemoved: [0.15, 1],
  cancelled: [0.2, 1],
  // GitHub names the runner of a job that was cancelled before the runner took it.
  cancelledAsAssigned: [0.05, 1],
  listenerStays: [0.1, 0],
  slowEnd: [0.1, 0],
  lyingBusy: [0.5, 0],
  // What is seen late, twice or never.
  awaitsApproval: [0.3, 1],
  runMissed: [0.1, 0],
  githubLag: [1, 1],
  ecsLag: [1, 1],
  eventTwice: [0.4, 0],
  eventLost: [0.4, 0],
  messageTwice: [0.2, 0],
  messageLost: [0.3, 0],
  poisonMessage: [0.1, 0],
  sweepDown: [0.5, 0],
  githubDown: [0.4, 1],
  ecsDown: [0.4, 1],
  queueDown: [0.3, 0],
  // Repositories, their owners' hour, and jobs that no runner gets.
  heavyNeighbours: [0.3, 0],
  slowNeighbours: [0.3, 0],
  unreadableNeighbours: [0.3, 0],
  goneNeighbours: [0.3, 0],
  repositoryAway: [0.2, 1],
  malformedRecord: [0.05, 1],
  heldBack: [0.2, 40],
  neverGiven: [0.03, 20],
  approvedAfterDays: [0.1, 1],
} as const;

export type Fault = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly Fault[];
export type Rates = Readonly<Record<Fault, number>>;

/** Each fault is off in one seed of three, and else has a rate of its own. `only` keeps the named ones, `fixed` fixes some. */
export function drawRates(random: () => number, only: ReadonlySet<Fault>, fixed: Partial<Rates> = {}): Rates {
  const rates = FAULT_NAMES.map((fault) => {
    const rate = random() < 1 / 3 ? 0 : FAULTS[fault][0] * random();
    return [fault, only.has(fault) ? (fixed[fault] ?? rate) : 0] as const;
  });
  return Object.fromEntries(rates) as Record<Fault, number>;
}

/** Launches too many that the faults which struck explain. */
export const explainedSurplus = (injected: ReadonlyMap<Fault, number>): number =>
  [...injected].reduce((sum, [fault, strikes]) => sum + strikes * FAULTS[fault][1], 0);

export const faults = (...names: Fault[]): ReadonlySet<Fault> => new Set(names);
/** These faults, at rates that are not drawn. */
export const at = (rates: Partial<Rates>) => ({ faults: new Set(Object.keys(rates) as Fault[]), rates });
