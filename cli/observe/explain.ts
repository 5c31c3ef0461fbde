import { describeError } from '../../functions/core/words/errors.ts';
import { DENIED, SIGNED_OUT } from '../aws.ts';
import { CliError } from '../errors.ts';
import { shorten } from '../shorten.ts';

const THROTTLED = /Throttling|Rate exceeded|TooManyRequests|rate limit/i;

/** Why a part of the view is missing, and what to do. `needs` is what the caller must be allowed to do. */
export function explainUnread(what: string, needs: string, error: unknown): string {
  const said = error instanceof CliError ? error.message : shorten(describeError(error), 400);
  return `${what} could not be read (${said}): ${fixOf(error, said, needs)}`;
}

function fixOf(error: unknown, said: string, needs: string): string {
  if (error instanceof CliError) return error.fix;
  if (DENIED.test(said)) return `allow ${needs}`;
  if (THROTTLED.test(said)) return 'it will be read again in a moment';
  if (SIGNED_OUT.test(said)) return 'sign in to AWS again';
  return 'run oneshot doctor: it checks every link of the chain';
}
