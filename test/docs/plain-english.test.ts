import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const FOLDERS =
  /^(\.github|bench|cli|docs|examples|functions|image|infra|local|model|scripts|simulation|test)$/;
const files = readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) =>
  entry.isFile()
    ? [entry.name]
    : FOLDERS.test(entry.name)
      ? readdirSync(path.join(ROOT, entry.name), { recursive: true, encoding: 'utf8' }).map((name) =>
          path.join(entry.name, name),
        )
      : [],
);
/** Contract tests and decisions are records, and this file quotes the patterns. */
const EXCEPT = /^(test\/contract\/|docs\/adr\/\d|test\/docs\/plain-english)|\bnode_modules\b/;
const TEXTS = files.filter((file) => /\.(tsx?|mjs|js|ya?ml|sh|md)$/.test(file) && !EXCEPT.test(file));

/** What people say is beside each. Code cannot match but by chance, so that whole files are read. */
const DROPPED: readonly [instead: string, pattern: RegExp][] = [
  ['how long, this many, at most', /\bso (?:long|many|far|much)\b/i],
  ['fix, correct', /\bmend(?:s|ed|ing)?\b/i],
  ['anyone who', /\bwhoever\b/i],
  ['forever', /\bfor ever\b/i],
  ['instead of', /\bin (?:the )?place of\b/i],
  ['must, should, will', /\bshall\b/i],
  ['again', /\banew\b/i],
  ['one of our', /\bof ours\b(?!\))/i],
  ['otherwise, other, also', /(?<!everything)\s(?:else|besides)[.,;:)]/i],
  ['continue', /\bgo(?:es)? on\b/i],
  ['is not a', /(?<!\bthere )\bis no (?!longer\b|more\b|less\b|other\b|such\b)\w/i],
  ['is not valid', /\bwill not do\b/i],
];

/** Lines as one text: a sentence of a comment goes over several. */
const joined = (text: string) => text.replaceAll(/\s*\n\s*(?:\*(?!\/)|\/\/|#)?\s*/g, ' ');

const found = (text: string) =>
  DROPPED.flatMap(([instead, pattern]) => {
    const match = new RegExp(`.{0,40}${pattern.source}.{0,30}`, 'i').exec(joined(text));
    return match === null ? [] : [`say ${instead}: …${match[0]}…`];
  });

describe('plain English', () => {
  it('should be what a person reads', () => {
    expect(TEXTS.length).toBeGreaterThan(500);
    expect(TEXTS.flatMap((file) => found(read(file)).map((what) => `${file}: ${what}`))).toEqual([]);
  });

  it('should be found to be missing, over the lines of a comment too', () => {
    expect(found('/** Kept for so\n * long. */')).toHaveLength(1);
    expect(found('# Nothing\n# else.')).toHaveLength(1);
    expect(found('There is no stack. It is no longer there, or else it waits.')).toEqual([]);
  });

  it('should have short cells in its tables', () => {
    const rows = TEXTS.filter((file) => file.endsWith('.md')).flatMap(
      (file) => read(file).match(/^\|.*$/gm) ?? [],
    );
    expect(rows.length).toBeGreaterThan(300);
    expect(rows.flatMap((row) => row.split('|')).filter(({ length }) => length > 300)).toEqual([]);
  });

  it('should be short in the README', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(120);
  });
});
