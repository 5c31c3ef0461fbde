import { describeError } from '../../functions/core/words/errors.ts';
import { CliError } from '../errors.ts';

/** What was read, or why it could not be. */
export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'failed'; readonly problem: string };

/** What may also be out of sight, which says nothing of the link: the identity may not look, or nobody plays it. */
export type Look<T> = Read<T> | { readonly kind: 'unseen'; readonly because: string };

export async function tried<T>(read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    return { kind: 'failed', problem: sentenceOf(error) };
  }
}

const DENIED = /AccessDenied|not authorized|UnauthorizedOperation|Resource not accessible by integration/i;

/** As `tried`, where a refusal to look is no fault of the link. `needs` is what the identity must be allowed. */
export async function looked<T>(needs: string, read: () => Promise<T>): Promise<Look<T>> {
  const answer = await tried(read);
  return answer.kind === 'failed' && DENIED.test(answer.problem)
    ? { kind: 'unseen', because: `this identity may not look: allow ${needs}` }
    : answer;
}

const sentenceOf = (error: unknown): string =>
  error instanceof CliError ? `${error.message}: ${error.fix}` : describeError(error).slice(0, 400);
