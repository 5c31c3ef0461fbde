import { SIMULATED_FAULTS, type SimulatedFault, simulatedOf } from '../model/faults.ts';

export type Fault = SimulatedFault;
export const FAULT_NAMES = SIMULATED_FAULTS;
export type Rates = Readonly<Record<Fault, number>>;

/** Each fault is off in one seed of three, and else has a rate of its own. `only` keeps the named ones, `fixed` fixes some. */
export function drawRates(random: () => number, only: ReadonlySet<Fault>, fixed: Partial<Rates> = {}): Rates {
  const drawn = new Map<string, number>();
  const rates = FAULT_NAMES.map((fault) => {
    const { rate: most, drawnWith } = simulatedOf(fault);
    const rate = drawn.get(drawnWith ?? '') ?? (random() < 1 / 3 ? 0 : most * random());
    drawn.set(fault, rate);
    return [fault, only.has(fault) ? (fixed[fault] ?? rate) : 0] as const;
  });
  return Object.fromEntries(rates) as Record<Fault, number>;
}

/** Launches too many that the faults which struck explain. */
export const explainedSurplus = (injected: ReadonlyMap<Fault, number>): number =>
  [...injected].reduce((sum, [fault, strikes]) => sum + strikes * simulatedOf(fault).surplus, 0);

export const faults = (...names: Fault[]): ReadonlySet<Fault> => new Set(names);
/** These faults, at rates that are not drawn. */
export const at = (rates: Partial<Rates>) => ({ faults: new Set(Object.keys(rates) as Fault[]), rates });
