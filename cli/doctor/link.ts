import { describeError } from '../../functions/core/words/errors.ts';
import { DENIED } from '../aws.ts';
import type { Deployment } from '../deployment.ts';
import { CliError } from '../errors.ts';
import { shorten } from '../shorten.ts';

export type Verdict =
  | { readonly kind: 'ok'; readonly seen: string }
  | { readonly kind: 'warn' | 'fail'; readonly seen: string; readonly fix: string }
  /** It could not be looked at, which says nothing of it. */
  | { readonly kind: 'unseen'; readonly because: string };

/** One link of the chain: what is read of it, and how that is judged. */
export interface Link<Seen, From = Deployment> {
  readonly id: string;
  readonly title: string;
  /** What was done to see it. */
  readonly tries: string;
  /** Links without which this one cannot be judged. */
  readonly needs: readonly string[];
  /** By name. What an identity may lack for it stands in each. */
  readonly reads: Readings<From>;
  /** Pure. */
  readonly judge: (seen: Seen) => Verdict;
}

export interface Finding extends Pick<Link<never>, 'id' | 'title' | 'tries'> {
  readonly verdict: Verdict | { readonly kind: 'skip'; readonly because: string };
}

type Draft<Reads, From> = Omit<Link<SeenBy<Reads>, From>, 'reads'> & { readonly reads: Reads };
export const linkOf =
  <From>() =>
  <Reads extends Readings<From>>(draft: Draft<Reads, From>): Link<SeenBy<Reads>, From> =>
    draft;

/** What there is of a stage, deployed or not. */
export type Account = Pick<Deployment, 'aws' | 'region' | 'stack'>;

/** A link of a deployment. */
export const link = linkOf<Deployment>();
/** A link that an account has before it is deployed to, too. */
export const accountLink = linkOf<Account>();

/** Reads all that the links name, and judges. A reading that breaks fails its own links alone. */
export async function examine<From>(
  links: readonly Link<never, From>[],
  from: From,
): Promise<readonly Finding[]> {
  const look = createLook(from);
  const seen = new Map<unknown, Read<unknown>>();
  await Promise.all(links.map(async (one) => seen.set(one, await attempt(() => look(one.reads)))));
  return diagnose(links, (one) =>
    judged(seen.get(one) as Read<never>, 'run it again; the problem names what could not be read', one.judge),
  );
}

/** Judges every link, in the order of the chain; what hangs on a broken one is skipped. */
export function diagnose<One extends Pick<Link<never>, 'id' | 'title' | 'tries' | 'needs'>>(
  links: readonly One[],
  judge: (one: One) => Verdict,
): readonly Finding[] {
  const broken = new Map<string, string>();
  return links.map((one): Finding => {
    const { id, title, tries } = one;
    const need = one.needs.find((name) => broken.has(name));
    // The first broken link, and not the skipped one between.
    const because = need === undefined ? undefined : broken.get(need);
    const verdict = because === undefined ? judge(one) : { kind: 'skip' as const, because };
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

/** What was read, or why it could not be. */
export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'failed'; readonly problem: string };

/** What may also be out of sight, which says nothing of the link: the identity may not look, or nobody plays it. */
export type Look<T> = Read<T> | { readonly kind: 'unseen'; readonly because: string };

/** Reads one thing of a deployment, or of an account. */
export type Reading<T, From = Deployment> = (from: From, ask: Ask<From>) => Promise<T>;

/** Answers with another reading. */
type Ask<From> = <T>(reading: Reading<T, From>) => Promise<T>;

export type Readings<From> = Readonly<Record<string, Reading<unknown, From>>>;
export type SeenBy<Reads> = {
  readonly [Name in keyof Reads]: Reads[Name] extends (...given: never[]) => Promise<infer T> ? T : never;
};

/** One look at a deployment or an account: what is asked for twice is read once. */
export function createLook<From>(from: From) {
  const answers = new Map<unknown, Promise<unknown>>();
  const ask: Ask<From> = <T>(reading: Reading<T, From>) => {
    const answer = (answers.get(reading) as Promise<T> | undefined) ?? reading(from, ask);
    answers.set(reading, answer);
    return answer;
  };
  return async <Reads extends Readings<From>>(reads: Reads): Promise<SeenBy<Reads>> => {
    const seen = Object.entries(reads).map(async ([name, reading]) => [name, await ask(reading)] as const);
    return Object.fromEntries(await Promise.all(seen)) as SeenBy<Reads>;
  };
}

/** A reading whose failure is data. */
export const tried =
  <T, From = Deployment>(read: Reading<T, From>): Reading<Read<T>, From> =>
  (from, ask) =>
    attempt(() => read(from, ask));

async function attempt<T>(read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    return { kind: 'failed', problem: sentenceOf(error) };
  }
}

/** As `tried`, where a refusal to look is not the fault of the link. `permission` is what the identity must have. */
export const looked =
  <T, From = Deployment>(permission: string, read: Reading<T, From>): Reading<Look<T>, From> =>
  async (from, ask) => {
    const answer = await attempt(() => read(from, ask));
    return answer.kind === 'failed' && DENIED.test(answer.problem)
      ? { kind: 'unseen', because: `this identity may not look: allow ${permission}` }
      : answer;
  };

/** Reads on from what another reading found; where that found nothing, its answer is this one's too. */
export const after =
  <A, T, From = Deployment>(
    first: Reading<Look<A>, From>,
    then: (value: A) => Reading<Look<T>, From>,
  ): Reading<Look<T>, From> =>
  async (from, ask) => {
    const look = await ask(first);
    return look.kind === 'read' ? then(look.value)(from, ask) : look;
  };

const sentenceOf = (error: unknown): string =>
  error instanceof CliError ? `${error.message}: ${error.fix}` : shorten(describeError(error), 400);
