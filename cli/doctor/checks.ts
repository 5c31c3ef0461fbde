import type { Facts, Read } from './facts.ts';

export type Verdict =
  | { readonly kind: 'ok'; readonly seen: string }
  | { readonly kind: 'warn' | 'fail'; readonly seen: string; readonly fix: string };

/** One link of the chain. */
export interface Check {
  readonly id: string;
  readonly title: string;
  /** Links without which this one cannot be judged. */
  readonly needs: readonly string[];
  judge(facts: Facts): Verdict;
}

export interface Finding {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict | { readonly kind: 'skip'; readonly because: string };
}

/** Judges every link, in the order of the chain; what hangs on a broken one is skipped. Pure. */
export function diagnose(checks: readonly Check[], facts: Facts): readonly Finding[] {
  const broken = new Set<string>();
  return checks.map((check): Finding => {
    const { id, title } = check;
    const because = check.needs.find((need) => broken.has(need));
    const verdict = because === undefined ? check.judge(facts) : { kind: 'skip' as const, because };
    if (verdict.kind === 'fail' || verdict.kind === 'skip') broken.add(id);
    return { id, title, verdict };
  });
}

export const ok = (seen: string): Verdict => ({ kind: 'ok', seen });
export const fail = (seen: string, fix: string): Verdict => ({ kind: 'fail', seen, fix });
export const warn = (seen: string, fix: string): Verdict => ({ kind: 'warn', seen, fix });

/** Judges what was read; what could not be read is a fault of its own. */
export function judged<T>(read: Read<T>, fix: string, judge: (value: T) => Verdict): Verdict {
  return read.kind === 'failed' ? fail(read.problem, fix) : judge(read.value);
}
