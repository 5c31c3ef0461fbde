/** A condition on when a run was created, of the times in epoch milliseconds. */
type Condition = (createdAtMs: number) => boolean;

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

const timeOf = (text: string, open: number): number => (text === '*' ? open : Date.parse(text));

/** Reads `created` of a list of runs (docs.github.com, Understanding the search syntax: dates). */
export function createdCondition(text: string | null): Condition {
  if (text === null) return () => true;
  const [, from = '', to = ''] = /^(.+)\.\.(.+)$/.exec(text) ?? [];
  if (to !== '') {
    const [least, most] = [timeOf(from, Number.NEGATIVE_INFINITY), timeOf(to, Number.POSITIVE_INFINITY)];
    return (ms) => ms >= least && ms <= most;
  }
  const [, comparison = '', time = text] = /^([<>]=?)(.+)$/.exec(text) ?? [];
  const compare = COMPARISONS[comparison];
  // A date alone is that whole day.
  if (compare === undefined) return (ms) => new Date(ms).toISOString().startsWith(time);
  return (ms) => compare(ms, Date.parse(time));
}
