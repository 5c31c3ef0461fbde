/** The id of a job, of `31415`, or of the address of its page: https://github.com/acme/web/actions/runs/1/job/31415. */
export function jobIdOf(text: string): number | undefined {
  const id = Number(/(?:^|\/jobs?\/)(\d{1,16})(?:[/?#]|$)/.exec(text)?.[1]);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
