/** What GitHub evaluates of a job when all that it needs is over: its matrix, its name, its labels. */
import type { ContextValue, Token } from '../github/service/definition.ts';
import { evaluate, textOf } from './expressions.ts';
import type { Values } from './inputs.ts';
import { type Combination, expandMatrix } from './matrix.ts';
import type { JobTemplate } from './workflow.ts';

export interface ExpandedJob {
  readonly name: string;
  readonly labels: readonly string[];
  /** The runner group that it asks for. */
  readonly group?: string;
  readonly continueOnError: boolean;
  readonly timeoutMinutes?: number;
  readonly environmentName?: string;
  /** `strategy` and `matrix`. */
  readonly contexts: Values;
}

export interface Expansion {
  readonly jobs: readonly ExpandedJob[];
  readonly failFast: boolean;
  readonly maxParallel: number;
}

/** The jobs of a template; one, where it has no matrix. Throws in GitHub's words. */
export function expandJob(template: JobTemplate, contexts: Values): Expansion {
  const strategy = evaluated(template, 'strategy', template.strategy ?? null, contexts, strategyOf);
  const { combinations, failFast, maxParallel } = strategy;
  const total = Math.max(1, combinations.length);
  const jobs = (combinations.length === 0 ? [undefined] : combinations).map((combination, index) => {
    const own = {
      strategy: {
        'fail-fast': failFast,
        'job-index': index,
        'job-total': total,
        'max-parallel': maxParallel ?? total,
      },
      matrix: combination?.matrix ?? null,
    };
    return oneJob(template, combination?.segments ?? [], { ...contexts, ...own }, own);
  });
  return { jobs, failFast, maxParallel: maxParallel ?? Number.POSITIVE_INFINITY };
}

interface Strategy {
  readonly combinations: readonly Combination[];
  readonly failFast: boolean;
  readonly maxParallel: number | undefined;
}

function strategyOf(value: ContextValue): Strategy {
  const { matrix, ...rest } = Object(value) as Record<string, ContextValue>;
  const most = rest['max-parallel'];
  return {
    combinations: matrix === undefined ? [] : expandMatrix(matrix),
    failFast: rest['fail-fast'] === undefined ? true : booleanOf(rest['fail-fast']),
    maxParallel: most === undefined ? undefined : numberOf(most) || undefined,
  };
}

function oneJob(
  template: JobTemplate,
  segments: readonly string[],
  contexts: Values,
  own: Values,
): ExpandedJob {
  const { continueOnError, timeoutMinutes, environmentName } = template;
  const read = <T>(part: string, token: Token | undefined, as: (value: ContextValue) => T) =>
    token === undefined ? undefined : evaluated(template, part, token, contexts, as);
  const minutes = read('timeout-minutes', timeoutMinutes, numberOf);
  const environment = read('environment', environmentName, textOf);
  return {
    name: nameOf(template, segments, (token) => evaluated(template, 'name', token, contexts, textOf)),
    ...evaluated(template, 'runs-on', template.runsOn, contexts, runsOn),
    continueOnError: read('continue-on-error', continueOnError, booleanOf) ?? false,
    ...(minutes !== undefined && { timeoutMinutes: minutes }),
    ...(environment && { environmentName: environment }),
    contexts: own,
  };
}

/** In GitHub's words, which stand in the annotation of a run that ends with it. */
function evaluated<T>(
  { key }: JobTemplate,
  part: string,
  token: Token,
  contexts: Values,
  as: (value: ContextValue) => T,
): T {
  try {
    return as(evaluate(token, { contexts }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Error when evaluating '${part}' for job '${key}'. ${reason}`);
  }
}

const MOST_NAME = 100;

/** A name without an expression is completed by the values of the matrix, as the key is (GH-58). */
function nameOf(
  { key, name }: JobTemplate,
  segments: readonly string[],
  read: (name: Token) => string,
): string {
  const isExpression = name !== null && typeof name === 'object';
  const base = name === undefined || isExpression ? key : String(name) || key;
  const whole = segments.length === 0 ? base : `${base} (${segments.join(', ')})`;
  const preset = whole.length > MOST_NAME ? `${whole.slice(0, MOST_NAME - 3)}...` : whole;
  return isExpression ? read(name) || preset : preset;
}

/** A label, a list of labels, or a group with or without labels. */
function runsOn(value: ContextValue): Pick<ExpandedJob, 'labels' | 'group'> {
  const isMapping = value !== null && typeof value === 'object' && !Array.isArray(value);
  const { group, labels = [] } = isMapping ? (value as Values) : ({ labels: value } as Values);
  const all = [labels].flat().map(labelOf);
  if (all.length === 0 && group === undefined) throw new Error('It names no label and no group');
  return { labels: [...new Set(all)], ...(group !== undefined && { group: labelOf(group) }) };
}

function labelOf(value: ContextValue): string {
  const isText = value !== null && typeof value !== 'object';
  if (!isText || textOf(value) === '') throw new Error(`Unexpected value '${textOf(value)}'`);
  return textOf(value);
}

function booleanOf(value: ContextValue): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error(`Unexpected value '${textOf(value)}'`);
}

function numberOf(value: ContextValue): number {
  if (typeof value === 'number') return value;
  throw new Error(`Unexpected value '${textOf(value)}'`);
}
