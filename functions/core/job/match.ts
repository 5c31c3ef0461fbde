/** Anything that asks for labels, and anything that has some. Lower case. */
interface Demand {
  readonly jobId: number;
  readonly labels: readonly string[];
  readonly createdAtMs: number;
}

interface Supply {
  readonly runnerName: string;
  /** The job that it was launched for. */
  readonly launchedForJobId: number;
  readonly labels: readonly string[];
  readonly createdAtMs: number;
}

export interface Match<D, S> {
  readonly pairs: ReadonlyArray<{ readonly demand: D; readonly supply: S }>;
  readonly unmatchedDemand: readonly D[];
  readonly unmatchedSupply: readonly S[];
}

/** A runner may take a job when it has all of the job's labels (GH-18). */
export const canTake = (supply: Pick<Supply, 'labels'>, demand: Pick<Demand, 'labels'>): boolean =>
  demand.labels.every((label) => supply.labels.includes(label));

/**
 * Which runner counts for which job (rule 15): its own first, then the most specific label set, then the oldest.
 * A way of counting only; GitHub gives jobs to runners as it likes. Pure; the order of the input does not matter.
 */
export function match<D extends Demand, S extends Supply>(
  demands: readonly D[],
  supplies: readonly S[],
): Match<D, S> {
  const free = new Set(supplies.toSorted(bySpecificityThenAge));
  const open = new Set(demands.toSorted(byLabelsThenAge));
  const pairs: { demand: D; supply: S }[] = [];
  const pair = (demand: D, supply: S) => {
    pairs.push({ demand, supply });
    open.delete(demand);
    free.delete(supply);
  };
  for (const demand of [...open]) {
    const own = [...free].find(
      (supply) => supply.launchedForJobId === demand.jobId && canTake(supply, demand),
    );
    if (own) pair(demand, own);
  }
  for (const demand of [...open]) {
    const other = [...free].find((supply) => canTake(supply, demand));
    if (other) pair(demand, other);
  }
  return { pairs, unmatchedDemand: [...open].toSorted(byAge), unmatchedSupply: [...free] };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byAge = (a: Demand, b: Demand): number => a.createdAtMs - b.createdAtMs || a.jobId - b.jobId;

/** Jobs that ask for most come first: they have the fewest runners to choose from. */
const byLabelsThenAge = (a: Demand, b: Demand): number => b.labels.length - a.labels.length || byAge(a, b);

/** Runners with the fewest labels beyond a job's come first, so that a rarer one is kept for the job that needs it. */
const bySpecificityThenAge = (a: Supply, b: Supply): number =>
  a.labels.length - b.labels.length || a.createdAtMs - b.createdAtMs || compare(a.runnerName, b.runnerName);
