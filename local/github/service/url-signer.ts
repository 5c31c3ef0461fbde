/** Addresses that are their own permission: for one path, one method, and an hour. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const LIFE_MS = 3_600_000;

export type UrlProblem = 'wrong' | 'expired';

export class UrlSigner {
  readonly #key = randomBytes(32);
  readonly #nowMs: () => number;

  /** `nowMs`: when it is, for the processes that use the addresses. */
  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  #signature(method: string, path: string, expiry: string): Buffer {
    return createHmac('sha256', this.#key).update(`${method}\n${path}\n${expiry}`).digest();
  }

  /** The query for this method and path, without `?`. */
  query(method: string, path: string): string {
    const expiry = new Date(this.#nowMs() + LIFE_MS).toISOString();
    const sig = this.#signature(method, path, expiry).toString('base64url');
    return `${new URLSearchParams({ se: expiry, sig })}`;
  }

  /** Undefined for an address as this world signed it, whatever else is in its query. */
  problem(method: string, path: string, query: URLSearchParams): UrlProblem | undefined {
    const expiry = query.get('se') ?? '';
    const expected = this.#signature(method, path, expiry);
    const given = Buffer.from(query.get('sig') ?? '', 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'wrong';
    return Date.parse(expiry) > this.#nowMs() ? undefined : 'expired';
  }
}
