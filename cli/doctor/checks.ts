import type { Facts } from './facts.ts';
import type { Look } from './read.ts';

export type Verdict =
  | { readonly kind: 'ok'; readonly seen: string }
  | { readonly kind: 'warn' | 'fail'; readonly seen: string; readonly fix: string }
  /** It could not be looked at, which says nothing of it. */
  | { readonly kind: 'unseen'; readonly because: string };

/** One link of the chain, judged by what was looked at. */
export interface Check<Seen = Facts> {
  readonly id: string;
  readonly title: string;
  /** What was done to see it. */
  readonly tries: string;
  /** Links without which this one cannot be judged. */
  readonly needs: readonly string[];
  judge(facts: Seen): Verdict;
}

export interface Finding extends Pick<Check<never>, 'id' | 'title' | 'tries'> {
  readonly verdict: Verdict | { readonly kind: 'skip'; readonly because: string };
}

/** Judges every link, in the order of the chain; what hangs on a broken one is skipped. Pure. */
export function diagnose<Seen>(checks: readonly Check<Seen>[], facts: Seen): readonly Finding[] {
  const broken = new Map<string, string>();
  return checks.map((check): Finding => {
    const { id, title, tries } = check;
    const need = check.needs.find((one) => broken.has(one));
    // The first broken link, and not the skipped one between.
    const because = need === undefined ? undefined : broken.get(need);
    const verdict = because === undefined ? check.judge(facts) : { kind: 'skip' as const, because };
    if (verdict.kind === 'fail') broken.set(id, id);
    if (because !== undefined) broken.set(id, because);
    return { id, title, tries, verdict };
  });
}

export const ok = (seen: string): Verdict => ({ kind: 'ok', seen });
export const fail = (seen: string, fix: string): Verdict => ({ kind: 'fail', seen, fix });
export const warn = (seen: string, fix: string): Verdict => ({ kind: 'warn', seen, fix });

/** Judges what was read; what could not be read is a fault of its own, and what may not be seen is none. */
export function judged<T>(look: Look<T>, fix: string, judge: (value: T) => Verdict): Verdict {
  if (look.kind === 'failed') return fail(look.problem, fix);
  return look.kind === 'unseen' ? look : judge(look.value);
}
