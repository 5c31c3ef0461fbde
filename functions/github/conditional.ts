import type { Octokit } from '@octokit/rest';
import type { Account, Repository } from '../core/job/repository.ts';
import { createLru } from '../kit/lru.ts';
import type { GitHubApp } from './app.ts';
import { hasStatus, malformedAnswer, named } from './errors.ts';
import type { Answer } from './pages.ts';
import { perApp } from './per-app.ts';

export type Named = Pick<Repository, 'owner' | 'name'>;

/** A repository as Octokit's methods take it. */
export const pathOf = ({ owner, name }: Named) => ({ owner, repo: name });

/** Something that can be read at GitHub, and what is made of its body. */
export interface Resource<Value> {
  /** Names the call in an error. One operation has one way to read its bodies. */
  readonly operation: string;
  /** Tells it from others of the same operation. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Asks GitHub for it with these options, which are to be handed on. */
  ask(octokit: Octokit, options: CallOptions): Promise<Answer>;
  /** `undefined` where the body is not of the documented form. */
  read(body: unknown): Value | undefined;
  /** How many records a value holds: it is kept for longer the smaller it is. */
  sizeOf(value: Value): number;
}

interface CallOptions {
  readonly headers?: { readonly 'if-none-match': string };
  readonly request?: { readonly signal: AbortSignal };
}

/** A value, read now or kept from an earlier read that GitHub says still holds. */
export interface Conditional<Value> {
  readonly value: Value;
  /** False where GitHub answered 304 (not modified), which it does not count. */
  readonly isCounted: boolean;
}

interface Kept {
  readonly etag: string;
  readonly value: unknown;
  readonly size: number;
}

/** Room for 4,000 values without a record, or 360 full pages: some 15 MB at most. */
const MOST_SIZE = 40_000;
const SIZE_OF_ENTRY = 10;

const keptBy = perApp(() => createLru<string, Kept>(MOST_SIZE, ({ size }) => size));

/**
 * Reads a resource as the account's installation, and asks only whether it has changed where it was read before.
 * Source: docs.github.com, Best practices for using the REST API, "Use conditional requests if appropriate". An ETag
 * holds for one token (github/docs#34689), so each is counted once an hour at least. Throws ServiceError.
 */
export function conditionalGet<Value>(
  app: GitHubApp,
  account: Account,
  resource: Resource<Value>,
  signal?: AbortSignal,
): Promise<Conditional<Value>> {
  const { operation, parameters } = resource;
  const cache = keptBy(app);
  const key = JSON.stringify([operation, account.owner.toLowerCase(), parameters]);
  const kept = cache.get(key);
  const headers = kept && { 'if-none-match': kept.etag };
  const options = { ...(headers && { headers }), ...(signal && { request: { signal } }) };
  return named(operation, async () => {
    try {
      const answer = await app.asInstallation(account, (octokit) => resource.ask(octokit, options));
      const value = resource.read(answer.data);
      if (value === undefined) throw malformedAnswer(answer);
      keep(cache, key, answer.headers.etag, value, resource.sizeOf(value));
      return { value, isCounted: true };
    } catch (error) {
      if (kept === undefined || !hasStatus(error, 304)) throw error;
      // The operation is part of the key, and has one way to read a body.
      return { value: kept.value as Value, isCounted: false };
    }
  });
}

function keep(
  cache: ReturnType<typeof keptBy>,
  key: string,
  etag: unknown,
  value: unknown,
  size: number,
): void {
  if (typeof etag === 'string') cache.set(key, { etag, value, size: SIZE_OF_ENTRY + size });
  else cache.delete(key);
}
