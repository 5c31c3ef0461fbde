import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../functions/core/task/exit-codes.ts';
import { REASONS } from '../../functions/core/words/reasons.ts';
import { REMEDIES } from '../../functions/core/words/remedies.ts';
import { STOP_CAUSES } from '../../functions/core/words/stop-causes.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** The first cells of the tables under a heading, up to the next heading as high. */
function firstCells(text: string, heading: string): string[] {
  const [marks = ''] = heading.split(' ');
  const from = text.indexOf(`${heading}\n`);
  const rest = text.slice(from + heading.length);
  const end = rest.search(new RegExp(`^#{1,${marks.length}} `, 'm'));
  const part = end < 0 ? rest : rest.slice(0, end);
  return [...part.matchAll(/^\| `([\w-]+)`/gm)].map(([, cell = '']) => cell);
}

describe('the troubleshooting guide', () => {
  const guide = read('docs/troubleshooting.md');

  it('should have a row for each reason, refusal and fault, and none for what does not exist', () => {
    const rows = firstCells(guide, '## Reasons');
    expect(rows.toSorted()).toEqual([...Object.keys(REASONS), ...Object.keys(REMEDIES)].toSorted());
  });

  it('should say of each refusal and fault what the log says', () => {
    const section = guide.slice(0, guide.indexOf('### Of a job that waits'));
    const plain = (cell: string) => cell.replace(/\[([^\]]*)\]\([^)]*\)|`/g, (_, text = '') => text).trim();
    const told = [...section.matchAll(/^\| `([\w-]+)` \|([^|]+)\|([^|]+)\|$/gm)].flatMap(
      ([, name = '', means = '', toDo = '']) =>
        Object.hasOwn(REMEDIES, name) ? [[name, plain(means), plain(toDo)]] : [],
    );
    const words = Object.entries(REMEDIES).map(([name, { means, toDo }]) => [
      name,
      ...[means, toDo].map((text) => text.replaceAll('PATH', '/oneshot/STAGE/github')),
    ]);
    expect(told).toEqual(words);
  });

  it('should have a row for each cause of a stop', () => {
    expect(firstCells(guide, '## Causes of a stop')).toEqual(Object.keys(STOP_CAUSES));
  });

  it('should have a row for each alarm', () => {
    const templates = readdirSync(path.join(ROOT, 'infra')).filter((file) => file.endsWith('.yml'));
    const alarms = templates.flatMap((file) =>
      [...read(`infra/${file}`).matchAll(/AlarmName: \$\{self:custom\.stack\}-([\w-]+)/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(firstCells(guide, '## Alarms').toSorted()).toEqual(alarms.toSorted());
  });

  it('should have an ending for each exit code', () => {
    const rows = [...read('docs/operations.md').matchAll(/^\| (\d+) +\| `([\w-]+)`/gm)];
    const told = Object.fromEntries(rows.map(([, code = '', ending = '']) => [code, ending]));
    expect(told).toEqual(EXIT_CODES);
  });
});

describe('every guide', () => {
  const guides = [
    ...readdirSync(ROOT),
    ...['docs', 'image', 'examples', '.github'].flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true }).map((file) => `${folder}/${file}`),
    ),
  ].filter((file) => file.endsWith('.md'));
  /** As GitHub makes it: lower case, without punctuation, hyphens for spaces. */
  const anchorOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
  const anchorsIn = (file: string): string[] =>
    [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

  it.each(guides)('should lead to what is there: %s', (guide) => {
    const links = [...read(guide).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? guide : path.join(path.dirname(guide), file);
      if (!existsSync(path.join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsIn(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it.each(guides)('should name files that are there: %s', (guide) => {
    const ours =
      /`((?:bench|cli|docs|functions|image|infra|local|model|scripts|simulation|test)\/[\w./-]*)`/g;
    const named = [...read(guide).matchAll(ours)].map(([, file = '']) => file);
    // In capitals is what a reader fills in.
    const real = named.filter((file) => !/[A-Z]{4}(?!\.md)/.test(file));
    expect(real.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});
