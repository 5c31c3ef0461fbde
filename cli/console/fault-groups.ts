import type { FaultView } from '../observe/snapshot.ts';

/** Faults that say the same, each of another thing. */
export interface FaultGroup {
  readonly service: string;
  /** Their words, with `…` for what differs. */
  readonly pattern: string;
  readonly count: number;
  readonly lastAtMs: number;
  /** The newest of them, in its own words. */
  readonly example: string;
  /** What a person does about it. */
  readonly todo: string;
}

/** What differs from one fault to the next: addresses, ARNs, ids, times, the names of runners, numbers that are no status. */
const DIFFERS = [
  /https?:\/\/[^\s)"']+/g,
  /\barn:[^\s)"',;]+/g,
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  /\b\d{4}-\d\d-\d\dT[\d:.]+Z?/g,
  /\b[\w.-]*(?:-\d+){2,}\b/g,
  /\b(?=[a-f]*\d)[0-9a-f]{8,}\b/gi,
  /(?<!\b(?:answered|HTTP|status) )\b\d+(?:[.,]\d+)*\b/g,
];

/** A fault's words without what differs. Pure. */
export const patternOf = (text: string): string =>
  DIFFERS.reduce((rest, one) => rest.replace(one, '…'), text);

const TODO: readonly (readonly [RegExp, string])[] = [
  [
    /answered 401/,
    'the sender does not know the webhook’s secret, or GitHub has another one: `oneshot doctor` compares them',
  ],
  [/answered 4\d\d/, 'GitHub shows the delivery in the App’s settings, Advanced, Recent Deliveries'],
  [
    /Task timed out|Runtime/,
    'nothing at first: reconcile and the sweep find what it left; if it happens again, `oneshot doctor`',
  ],
  [
    /throttl|rate limit|rate exceeded|secondary|primary-limit/i,
    'nothing at first: it is tried again; if it lasts, docs/operations.md has “Rate limited”',
  ],
  [/capacity/i, 'nothing at first: it is tried again; a third zone or another size helps'],
];

const ANY = '`oneshot doctor` checks every link of the chain';

const sentenceOf = ({ message, detail }: FaultView): string =>
  detail === undefined ? message : `${message}: ${detail}`;

/** Each kind once, the newest first. `faults` are newest first. Pure. */
export function groupFaults(faults: readonly FaultView[]): FaultGroup[] {
  const groups = new Map<string, FaultGroup>();
  for (const fault of faults) {
    const { service, atMs: lastAtMs, message } = fault;
    const key = `${service} ${patternOf(sentenceOf(fault))}`;
    const { count } = groups.get(key) ?? { count: 0 };
    const example = sentenceOf(fault);
    const todo = TODO.find(([words]) => words.test(example))?.[1] ?? ANY;
    const first = { service, pattern: patternOf(message), count, lastAtMs, example, todo };
    groups.set(key, { ...(groups.get(key) ?? first), count: count + 1 });
  }
  return [...groups.values()];
}
