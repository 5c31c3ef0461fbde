import { closest, distance } from 'fastest-levenshtein';

/** ` (did you mean X?)` where one of the known words is near to this one; otherwise nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word, known);
  const isNear = distance(word.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, nearest.length / 3);
  return isNear ? ` (did you mean ${nearest}?)` : '';
}
