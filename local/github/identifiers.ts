/** Identifiers of the shapes that GitHub gives out, from the world's own source of chance. */
import { seededRandom } from '../../model/dice.ts';

export interface Identifiers {
  /** A number above the last one given for this kind of thing. */
  next(kind: 'job' | 'run' | 'runner' | 'hook'): number;
  /** 19 digits, beyond what a JavaScript number holds, as GitHub's since February 2026 (octokit/request.js#797). */
  delivery(): bigint;
  guid(): string;
  hex(length: number): string;
  /** Letters and digits, for tokens. */
  word(length: number): string;
}

const FIRST = { job: 41_000_000_000, run: 17_000_000_000, runner: 1_000, hook: 480_000_000 } as const;
const STRIDE = { job: 900, run: 90, runner: 3, hook: 1 } as const;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function createIdentifiers(random: () => number): Identifiers {
  const last: Record<keyof typeof FIRST, number> = { ...FIRST };
  let lastDelivery = 1_790_000_000_000_000_001n;
  // Of its own: calls, which come in no certain order, must not decide which ids jobs have.
  const drawNumber = seededRandom(Math.floor(random() * 2 ** 32));
  const drawText = seededRandom(Math.floor(random() * 2 ** 32));
  const pick = (characters: string, length: number) =>
    Array.from({ length }, () => characters.charAt(Math.floor(drawText() * characters.length))).join('');
  const hex = (length: number) => pick('0123456789abcdef', length);
  return {
    next(kind) {
      last[kind] += 1 + Math.floor(drawNumber() * STRIDE[kind]);
      return last[kind];
    },
    delivery() {
      lastDelivery += BigInt(2 * Math.floor(drawText() * 500_000) + 2);
      return lastDelivery;
    },
    guid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${pick('89ab', 1)}${hex(3)}-${hex(12)}`,
    hex,
    word: (length) => pick(ALPHABET, length),
  };
}
