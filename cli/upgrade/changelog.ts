/** `## [0.2.0] - 2026-12-01`, or `## [Unreleased]`. */
const HEADING = /^## \[([^\]]+)\]/;

/**
 * The part of CHANGELOG.md that is newer than a version, for a terminal; all of it where the version is not known. Empty
 * where nothing stands there. Pure.
 */
export function changesSince(changelog: string, version: string | undefined): string {
  const lines = changelog.split('\n');
  const first = lines.findIndex((line) => HEADING.test(line));
  const end = lines.findIndex((line) => version !== undefined && HEADING.exec(line)?.[1] === version);
  if (first < 0) return '';
  const part = lines.slice(first, end < 0 ? undefined : end).join('\n');
  return /^- /m.test(part) ? plain(part) : '';
}

/** Markdown as one reads it: emphasis and addresses of links are left out. */
const plain = (markdown: string): string =>
  markdown
    .replaceAll(/\*\*([^*]+)\*\*/g, '$1')
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll(/^#+ (?:\[([^\]]+)\])?/gm, '$1')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();

/** Whether one version comes before another: `0.9.0` before `0.10.0`. What is not a version comes before none. Pure. */
export function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number));
  if (a === undefined || b === undefined) return false;
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}
