import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** One rule broken: a piece of a file of `functions/` that stands there once, and what is put in its place. */
export interface Mutant {
  /** Of the design's, or an ADR. */
  readonly rule: number | string;
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Why nothing is lost without it; absent where the simulation has to notice. */
  readonly notNeeded?: string;
}

export const readMutants = (): readonly Mutant[] =>
  parse(readFileSync(join(import.meta.dirname, 'mutants.yml'), 'utf8')) as Mutant[];

/** The code with one rule broken in it. */
export function breakCode(code: string, { file, from, to }: Mutant): string {
  const parts = code.split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
  return parts.join(to);
}
