import wrapAnsi from 'wrap-ansi';
import { amount } from '../../../bench/figures.ts';
import { PAINT } from '../../terminal.ts';
import type { Action, Change } from './changes.ts';
import { counted, kindOf, rankOf } from './kinds.ts';
import type { DeployPlan, ParameterChange } from './plan.ts';
import { JOBS_OF_A_PRICE } from './price.ts';

/** How wide the first column is. */
const LABEL = 13;

/** One thing that the plan says: a word, and lines below one another beside it. */
type Part = readonly [label: string, paint: (text: string) => string, lines: readonly string[]];

/** A plan in words, for a terminal that has this many columns. Pure. */
export function showPlan(plan: DeployPlan, columns: number): string {
  const parts: Part[] = [
    ['make', PAINT.green, inCounts(plan, 'make')],
    ['change', PAINT.yellow, inCounts(plan, 'change')],
    ['replace', PAINT.magenta, byName(plan, 'replace')],
    ['delete', PAINT.red, byName(plan, 'delete')],
    ['parameters', PAINT.cyan, parametersOf(plan)],
    ['cost', PAINT.bold, costOf(plan)],
    ['running', PAINT.red, runningOf(plan)],
  ];
  return [titleOf(plan), ...parts.flatMap((part) => drawPart(part, columns))].join('\n');
}

const KINDS = { first: 'the first deployment', update: 'a change', same: 'nothing to change' } as const;

function titleOf({ place, kind, versions: { before, after } }: DeployPlan): string {
  const from = before === undefined ? 'an older version' : `version ${before}`;
  const versions = kind === 'first' || before === after ? `version ${after}` : `from ${from} to ${after}`;
  const where = `account ${place.account}, ${place.region}, stage ${place.stage}`;
  return PAINT.bold(`Plan for ${place.stack}: ${KINDS[kind]}, ${versions}\n`) + where;
}

/** A space at which no line is broken. */
const UNBROKEN = '\u00a0';

/** `4 functions, 1 role`. */
function inCounts({ changes }: DeployPlan, action: Action): string[] {
  const counts = grouped(changesOf(changes, action), ({ type }) => type).map((all) =>
    counted(all[0]?.type ?? '', all.length).replaceAll(' ', UNBROKEN),
  );
  return counts.length === 0 ? [] : [counts.join(', ')];
}

const changesOf = (changes: readonly Change[], action: Action): Change[] =>
  changes
    .filter((change) => change.action === action)
    .toSorted((one, other) => rankOf(one.type) - rankOf(other.type));

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string): T[][] => [
  ...Map.groupBy(items, keyOf).values(),
];

/** Those of one kind on one line, with what it means. */
function byName({ changes }: DeployPlan, action: 'replace' | 'delete'): string[] {
  const groups = grouped(changesOf(changes, action), ({ type, isKept }) => `${type} ${isKept}`);
  return groups.map((all) => {
    const [{ type, isKept } = { type: '', isKept: false }] = all;
    const { one, many, deleted, replaced } = kindOf(type);
    const names = `${all.map(({ id }) => id).join(', ')} (${all.length === 1 ? one : many})`;
    const means = isKept ? KEPT : action === 'delete' ? deleted : replaced;
    return means === undefined ? names : `${names}: ${means}`;
  });
}

const KEPT = 'stays where it is, and is no longer the stack’s';

function parametersOf({ parameters, areParametersKnown, kind }: DeployPlan): string[] {
  const unknown = areParametersKnown ? [] : ['the deployed version does not say its own; not the default:'];
  return [...unknown, ...parameters.map((one) => lineOf(one, kind !== 'first' && areParametersKnown))];
}

function lineOf({ name, before, after }: ParameterChange, isNews: boolean): string {
  const told = (value: string) => (value === '' ? 'none' : value);
  if (before !== undefined) return `${name}: ${told(before)} → ${told(after)}`;
  return `${name}: ${told(after)}${isNews ? ' (new in this version)' : ''}`;
}

function costOf({ price, priceBefore }: DeployPlan): string[] {
  const now = (usd: number | undefined, other: number) =>
    usd === undefined || amount(usd) === amount(other) ? '' : ` (now ${amount(usd)})`;
  return [
    `${amount(price.idleUsd)} a month while idle${now(priceBefore?.idleUsd, price.idleUsd)}`,
    `${amount(price.jobsUsd)} for ${JOBS_OF_A_PRICE}${now(priceBefore?.jobsUsd, price.jobsUsd)}`,
    'at list prices of us-east-1, without free tiers (docs/costs.md)',
  ];
}

function runningOf({ liveTasks, kind }: DeployPlan): string[] {
  if (liveTasks === 0 || kind !== 'update') return [];
  const tasks = liveTasks === 1 ? '1 task runs' : `${liveTasks} tasks run`;
  return [`${tasks} now and keeps what it started with; what is deleted or replaced above can end a job`];
}

function drawPart([label, paint, lines]: Part, columns: number): string[] {
  const width = Math.max(columns - LABEL - 2, 20);
  const rows = lines.flatMap((line) => wrapAnsi(line, width).replaceAll(UNBROKEN, ' ').split('\n'));
  return rows.map((row, index) => `  ${index === 0 ? paint(label.padEnd(LABEL)) : ' '.repeat(LABEL)}${row}`);
}
