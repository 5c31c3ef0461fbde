/** What came in as JSON and was checked by nobody. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === 'string';

/** An id that a number can hold: Octokit reads larger ones as a bigint (octokit/request.js#797). */
export const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

/** A text's time in epoch milliseconds; `undefined` where it is not one. */
export function timeOf(value: unknown): number | undefined {
  const timeMs = isText(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
