import type { Account } from '../core/job/repository.ts';
import type { JobLookRequest } from '../core/plan/job-look.ts';
import { ServiceError } from '../core/words/errors.ts';
import type { GitHubApp } from './app.ts';
import { conditionalGet, type Resource } from './conditional.ts';
import { isPassing } from './pages.ts';

/** What came of one read. `over`: it was not made, or not waited for, as the budget, the time or the look has ended. */
type Read<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: ServiceError }
  | { readonly kind: 'over' };

/** The reads of one look, within its budget of calls and of time. */
export interface Reads {
  get<Value>(resource: Resource<Value>): Promise<Read<Value>>;
  /** Calls that may be begun now. */
  left(): number;
  /** Allows this share of what is left of the whole budget, and this many calls at least, until the next share. */
  share(part: number, least?: number): void;
  /** Ends the look: nothing is read any more. */
  end(): void;
  /** Calls that GitHub counted, with those that are under way. */
  counted(): number;
}

/** A call that is answered 304 is free at GitHub, but takes time: this many times the budget in all. */
const CALLS_PER_COUNTED = 4;

export function createReads(
  app: GitHubApp,
  account: Account,
  { mostReads, signal }: Pick<JobLookRequest, 'mostReads' | 'signal'>,
): Reads {
  const counted = createMeter(mostReads);
  const calls = createMeter(mostReads * CALLS_PER_COUNTED);
  const aborted = abortOf(signal);
  let isEnded = false;
  const left = () => (isEnded || signal.aborted ? 0 : Math.min(counted.left(), calls.left()));
  const read = async <Value>(resource: Resource<Value>): Promise<Read<Value>> => {
    if (left() === 0) return { kind: 'over' };
    for (const meter of [counted, calls]) meter.add(1);
    try {
      const { value, isCounted } = await Promise.race([
        conditionalGet(app, account, resource, signal),
        aborted,
      ]);
      if (!isCounted) counted.add(-1);
      return { kind: 'read', value };
    } catch (error) {
      if (signal.aborted) return { kind: 'over' };
      if (error instanceof ServiceError) return { kind: 'failed', error };
      throw error;
    }
  };
  const get = async <Value>(resource: Resource<Value>): Promise<Read<Value>> => {
    const first = await read(resource);
    if (first.kind !== 'failed' || !isPassing(first.error.cause)) return first;
    const second = await read(resource);
    return second.kind === 'over' ? first : second;
  };
  return {
    get,
    left,
    counted: counted.used,
    share(part, least = 0) {
      for (const meter of [counted, calls]) meter.share(part, least);
    },
    end() {
      isEnded = true;
    },
  };
}

/** How much of something may be used. It is used from the beginning of a call, so that no two calls take the last of it. */
function createMeter(most: number) {
  let [used, limit] = [0, most];
  return {
    used: () => used,
    left: () => Math.max(0, limit - used),
    add: (amount: number) => {
      used += amount;
    },
    share: (part: number, least: number) => {
      limit = Math.min(most, used + Math.max(least, Math.ceil((most - used) * part)));
    },
  };
}

/** Rejects when the signal is aborted: a token that is being minted has no signal of its own. */
function abortOf(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}
