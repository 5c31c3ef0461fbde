import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMutants } from '../../simulation/mutants.ts';
import { TREE } from '../fixtures/tree.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** Each of our files that can cite something. */
const CITING = new Map([...TREE].filter(([name]) => name !== 'test/docs/rules.test.ts'));

/** The numbers that follow a word, as in "rule 4", "rules 22 and 23" and "ADR 14, 24". */
const citedIn = (text: string, word: string): number[] =>
  [...text.matchAll(new RegExp(`\\b${word} (\\d+(?:(?:, | and )\\d+)*)\\b`, 'g'))].flatMap(([, list = '']) =>
    list.split(/, | and /).map(Number),
  );

/** Citations of what does not exist, each with its file. */
const lost = <Id>(known: ReadonlySet<Id>, cited: (text: string) => readonly Id[]): string[] =>
  [...CITING].flatMap(([file, text]) =>
    cited(text)
      .filter((id) => !known.has(id))
      .map((id) => `${file}: ${id}`),
  );

const [, ...sections] = read('docs/rules.md').split(/^### (?=\d+\. )/m);
const RULES = new Map(sections.map((section) => [Number.parseInt(section, 10), section]));
const lineOf = (section: string, title: string) =>
  section.split('\n').find((line) => line.startsWith(`- **${title}:**`)) ?? '';
const pathsIn = (line: string) => [...line.matchAll(/`([\w./-]+\.\w+)`/g)].map(([, file = '']) => file);

describe('a rule', () => {
  it('should have a number that nothing else has, from 1 on', () => {
    expect(sections.map((section) => Number.parseInt(section, 10))).toEqual([...RULES.keys()]);
    expect([...RULES.keys()]).toEqual(Array.from(RULES, (_, index) => index + 1));
  });

  it('should exist where it is cited', () => {
    expect(lost(new Set(RULES.keys()), (text) => citedIn(text, '[Rr]ules?'))).toEqual([]);
  });

  it.each([...RULES])('should say why, who decided it and where it is kept: rule %i', (_, section) => {
    for (const title of ['Why', 'Decided in', 'Code']) expect(lineOf(section, title), title).not.toBe('');
    expect(lineOf(section, 'Mutants') + lineOf(section, 'Unit tests')).not.toBe('');
    if (lineOf(section, 'Mutants of unit tests') !== '') expect(lineOf(section, 'Unit tests')).not.toBe('');
    const named = pathsIn(lineOf(section, 'Code') + lineOf(section, 'Unit tests'));
    expect(named.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it.each([...RULES])('should be cited by the first place that it names: rule %i', (number, section) => {
    const [first = ''] = pathsIn(lineOf(section, 'Code'));
    expect(citedIn(CITING.get(first) ?? '', '[Rr]ules?'), first).toContain(number);
  });

  it('should have each mutant of the simulation once', () => {
    const named = sections.flatMap((section) =>
      ['Mutants', 'Mutants of unit tests'].flatMap((title) =>
        [...lineOf(section, title).matchAll(/"([^"]+)"/g)].map(([, what = '']) => what),
      ),
    );
    expect(named.toSorted()).toEqual(
      readMutants()
        .map(({ what }) => what)
        .toSorted(),
    );
  });
});

describe('a fact', () => {
  const ids = readdirSync(path.join(ROOT, 'docs/facts')).flatMap((file) =>
    [...read(`docs/facts/${file}`).matchAll(/^- \*\*([A-Z]+-\d+)\*\* /gm)].map(([, id = '']) => id),
  );

  it('should have an id of its own', () => {
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('should exist where it is cited', () => {
    const cited = (text: string) => text.match(/\b(?:GH|AWS|LISTENER|WIRE)-\d+\b/g) ?? [];
    expect(lost(new Set(ids), cited)).toEqual([]);
  });

  it('should have a mark, or be in a file that says what is left out', () => {
    for (const file of ['github', 'aws'])
      for (const line of read(`docs/facts/${file}.md`).match(/^- .*$/gm) ?? [])
        expect(line).toMatch(/\*(doc|source|issue|measured|inferred)\*/);
  });
});

describe('a decision', () => {
  const files = readdirSync(path.join(ROOT, 'docs/adr')).filter((name) => name !== 'README.md');
  const numbers = files.map((name) => Number.parseInt(name, 10));
  const index = read('docs/adr/README.md');

  it('should have a number that nothing else has, without holes', () => {
    const known = numbers.toSorted((a, b) => a - b);
    expect(known).toEqual(Array.from(known, (_, at) => at + 1));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('should exist where it is cited', () => {
    const known = new Set(numbers);
    expect(lost(known, (text) => citedIn(text, '(?:ADRs?|ADR-)'))).toEqual([]);
  });

  it.each(files)('should have a status and a date, and be in the index: %s', (name) => {
    const number = Number.parseInt(name, 10);
    const [, title = ''] = new RegExp(`^# ${number}\\. (.+)\n`).exec(read(`docs/adr/${name}`)) ?? [];
    expect(title).not.toBe('');
    const head =
      /\n\n\*\*Status\.\*\* ((?:Accepted|(?:Superseded|Changed) by ADR \d+(?:(?:, | and )\d+)*))\. \*\*Date\.\*\* \d{4}-\d\d-\d\d\.\n/;
    const [, status = ''] = head.exec(read(`docs/adr/${name}`)) ?? [];
    expect(status).not.toBe('');
    expect(index).toContain(`| ${number} | [${title}](${name}) | ${status} | `);
  });
});
