import { describe, expect, it } from 'vitest';
import { TREE } from '../fixtures/tree.ts';

/** Contract tests and decisions are records, and this file quotes the patterns. */
const EXCEPT = /^(test\/contract\/|docs\/adr\/\d|test\/docs\/plain-english)/;
const TEXTS = [...TREE].filter(([file]) => !EXCEPT.test(file));

/** What people say is beside each. Code hardly ever matches, so whole files are read. */
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

const found = (text: string) => {
  const sentences = joined(text);
  return DROPPED.flatMap(([instead, pattern]) => {
    const at = sentences.search(pattern);
    return at < 0 ? [] : [`say ${instead}: …${sentences.slice(Math.max(0, at - 40), at + 40)}…`];
  });
};

describe('plain English', () => {
  it('should be what a person reads', () => {
    expect(TEXTS.length).toBeGreaterThan(500);
    expect(TEXTS.flatMap(([file, text]) => found(text).map((what) => `${file}: ${what}`))).toEqual([]);
  });

  it('should be found to be missing, over the lines of a comment too', () => {
    expect(found('/** Kept for so\n * long. */')).toHaveLength(1);
    expect(found('# Nothing\n# else.')).toHaveLength(1);
    expect(found('There is no stack. It is no longer there, or else it waits.')).toEqual([]);
  });

  it('should have short cells in its tables', () => {
    const rows = TEXTS.flatMap(([file, text]) =>
      file.endsWith('.md') ? (text.match(/^\|.*$/gm) ?? []) : [],
    );
    expect(rows.length).toBeGreaterThan(300);
    expect(rows.flatMap((row) => row.split('|')).filter(({ length }) => length > 300)).toEqual([]);
  });

  it('should be short in the README', () => {
    expect(TREE.get('README.md')?.split('\n').length).toBeLessThanOrEqual(120);
  });
});
