/** UTF-16 code units. The task's override environment has room for this much (AWS-7), and a tag's value for one more (AWS-16). */
const LONGEST = 255;
/** Controls, and halves of a character: what no log, terminal or file of a sheet would show. */
const UNSHOWN = /[\p{Cc}\p{Cs}\u2028\u2029]+/gu;

/**
 * A workflow's name as GitHub tells it, for records: any letters and spaces, on one line, at most 255 UTF-16 code units.
 * `undefined` where there is none. Anyone who writes workflows chooses it.
 */
export function readWorkflowName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.slice(0, LONGEST).replaceAll(UNSHOWN, ' ').trim();
  return name === '' ? undefined : name;
}
