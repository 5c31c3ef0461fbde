import { failureOf } from '../failure.ts';
import type { Investigation } from './investigate.ts';

/**
 * For following: a look that fails, because AWS or GitHub takes no more calls now, is told once, and what was seen before
 * stands until the next. The first look fails as any.
 */
export function patient(
  investigate: () => Promise<Investigation>,
  tell: (line: string) => void,
): () => Promise<Investigation> {
  let last: Investigation | undefined;
  let told: string | undefined;
  return async () => {
    try {
      last = await investigate();
      told = undefined;
      return last;
    } catch (error) {
      if (last === undefined) throw error;
      const { message } = failureOf(error);
      if (message !== told) tell(`could not look (${message}): it tries again`);
      told = message;
      return last;
    }
  };
}
