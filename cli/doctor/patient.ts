import { failureOf } from '../failure.ts';
import type { Investigation } from './investigate.ts';

/**
 * For a look that is repeated. AWS or GitHub may refuse one for a moment, when too many ask: that is told once, and the
 * last answer is shown again. A first look has no last answer, so its error is thrown.
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
