import { withoutMarks } from '../../functions/core/job/labels.ts';
import type { JobView } from '../observe/snapshot.ts';
import type { Query } from './query.ts';
import { nameOf } from './rows.ts';

type Filters = Pick<Query, 'phase' | 'outcome' | 'repository' | 'label' | 'search'>;

/** What each filter can be set to, and how many jobs it leaves: those that the other filters leave too. */
export interface Choices {
  readonly phase: readonly Choice[];
  readonly outcome: readonly Choice[];
  readonly repository: readonly Choice[];
  readonly label: readonly Choice[];
}
export type FilterName = keyof Choices;

interface Choice {
  readonly value: string;
  readonly count: number;
}

/** A list that is longer is searched, and not read. */
const MOST_CHOICES = 100;

const VALUES: { readonly [Name in FilterName]: (job: JobView) => readonly string[] } = {
  phase: ({ phase }) => [phase],
  outcome: ({ conclusion }) => (conclusion === undefined ? [] : [conclusion]),
  repository: ({ repository }) => [repository],
  // A label of one run alone would be a choice for each run.
  label: ({ labels }) => [...new Set(labels.map(withoutMarks))],
};
const NAMES = Object.keys(VALUES) as FilterName[];

/** The jobs that all filters leave, in their order. Pure. */
export function filterJobs(jobs: readonly JobView[], filters: Filters): readonly JobView[] {
  const isFound = finder(filters.search);
  return jobs.filter((job) => NAMES.every((name) => fits(job, name, filters)) && isFound(job));
}

const fits = (job: JobView, name: FilterName, filters: Filters): boolean =>
  filters[name] === '' || VALUES[name](job).includes(filters[name]);

/** Each word stands somewhere in the job: its name, repository, labels, phase, outcome, id or runner. */
function finder(search: string): (job: JobView) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return (job) => {
    const { jobId, repository, labels, phase, conclusion = '', runnerName = '' } = job;
    const text = [nameOf(job), repository, ...labels, phase, conclusion, jobId, runnerName].join(' ');
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}

/** Pure. The most frequent first, and what is chosen even where it leaves nothing. */
export function choicesOf(jobs: readonly JobView[], filters: Filters): Choices {
  const of = (name: FilterName): Choice[] => {
    const counts = new Map<string, number>(filters[name] === '' ? [] : [[filters[name], 0]]);
    for (const job of filterJobs(jobs, { ...filters, [name]: '' }))
      for (const value of VALUES[name](job)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts]
      .map(([value, count]) => ({ value, count }))
      .toSorted((a, b) => b.count - a.count || a.value.localeCompare(b.value))
      .slice(0, MOST_CHOICES);
  };
  return { phase: of('phase'), outcome: of('outcome'), repository: of('repository'), label: of('label') };
}
