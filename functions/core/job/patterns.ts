import { fullName, type Repository } from './repository.ts';

type Named = Pick<Repository, 'owner' | 'name'>;

/** What a pattern's names begin with; `undefined` for the full name of one repository. */
const startOf = (pattern: string): string | undefined =>
  pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;

/** Whether a pattern of `runners.yml` (`owner/name`, `owner/*`, `owner/prefix*`; lower case) has a repository. */
export const isOfPattern = (pattern: string, name: string): boolean => {
  const start = startOf(pattern);
  return start === undefined ? pattern === name.toLowerCase() : name.toLowerCase().startsWith(start);
};

/** Whether any pattern has the repository. Case does not matter. */
export const isNamedIn = (patterns: readonly string[], repository: Named): boolean =>
  patterns.some((pattern) => isOfPattern(pattern, fullName(repository)));

/** Whether all that the second pattern has is also the first one's. */
export function covers(pattern: string, other: string): boolean {
  const start = startOf(pattern);
  return start === undefined ? pattern === other : other.startsWith(start);
}

/** Whether a repository of both can exist. */
export const overlaps = (pattern: string, other: string): boolean =>
  covers(pattern, other) || covers(other, pattern);

/** Whether a pattern names repositories of the owner. */
export const isOfOwner = (pattern: string, owner: string): boolean =>
  pattern.startsWith(`${owner.toLowerCase()}/`);
