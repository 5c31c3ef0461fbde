import { CliError, EXIT } from '../errors.ts';

/** The id of a job, of `31415`, or of the address of its page: https://github.com/acme/web/actions/runs/1/job/31415. */
export function requireJobId(text: string): number {
  const id = Number(/(?:^|\/jobs?\/)(\d{1,16})(?:[/?#]|$)/.exec(text)?.[1]);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new CliError(
    `${text} is not a job`,
    'give its address (…/actions/runs/1/job/2) or its id',
    EXIT.usage,
  );
}
