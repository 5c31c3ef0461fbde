import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TREE } from '../fixtures/tree.ts';
import { anchorsOf, linksOf } from './markdown.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const PAGES = [...TREE].filter(([file]) => file.endsWith('.md'));

/** A link within the repository. */
interface Inner {
  readonly from: string;
  readonly file: string;
  readonly anchor: string;
}

const innerLinks = (): readonly Inner[] =>
  PAGES.flatMap(([from, text]) =>
    linksOf(text)
      .filter((address) => !/^[a-z][a-z+.-]*:/i.test(address))
      .map((address) => {
        const [name = '', anchor = ''] = address.split('#');
        const file = name === '' ? from : path.posix.join(path.posix.dirname(from), decodeURI(name));
        return { from, file, anchor };
      }),
  );

const isDead = ({ file, anchor }: Inner): boolean =>
  file.startsWith('..') ||
  !existsSync(path.join(ROOT, file)) ||
  (anchor !== '' && !anchorsOf(TREE.get(file) ?? '').has(anchor));

const say = ({ from, file, anchor }: Inner) => `${from}: ${file}${anchor && `#${anchor}`}`;

describe('a link', () => {
  it('should lead to a file, a folder or a heading of the repository', () => {
    expect(innerLinks().length).toBeGreaterThan(250);
    expect(innerLinks().filter(isDead).map(say)).toEqual([]);
  });

  it('should be found to be dead: no file, no heading, out of the repository', () => {
    const from = 'README.md';
    const links = [
      { from, file: 'docs/nothing.md', anchor: '' },
      { from, file: 'docs/jobs.md', anchor: 'nothing' },
      { from, file: '../README.md', anchor: '' },
      { from, file: 'docs/jobs.md', anchor: 'caches' },
    ];
    expect(links.map(isDead)).toEqual([true, true, true, false]);
  });

  it('should lead from a file of the package to a file of the package', () => {
    const packed = packedFiles();
    const isPacked = (name: string) =>
      packed.has(name) || [...packed].some((file) => file.startsWith(`${name.replace(/\/$/, '')}/`));
    const links = innerLinks().filter(({ from }) => packed.has(from));
    expect(links.length).toBeGreaterThan(150);
    expect(links.filter(({ file }) => !isPacked(file)).map(say)).toEqual([]);
  });

  it('should lead to a page and a heading where code names a page', () => {
    const named = [...TREE].flatMap(([from, text]) =>
      from.endsWith('.md')
        ? []
        : [...text.matchAll(/\bdocs\/(?!adrs\/)[\w/-]+\.md(?:#([\w-]+))?/g)].map(
            ([address, anchor = '']) => ({
              ...{ from, anchor },
              file: address.split('#')[0] ?? '',
            }),
          ),
    );
    expect(named.length).toBeGreaterThan(10);
    const isExample = ({ from }: Inner) => from === 'test/docs/links.test.ts';
    expect(named.filter((link) => !isExample(link) && isDead(link)).map(say)).toEqual([]);
  });
});

describe('a file that a user of the package gets', () => {
  it('should name no script of a checkout: runners.yml', () => {
    expect(TREE.get('runners.yml')).not.toMatch(/\bnpm (?:run|start|test)\b/);
  });

  it('should name scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const named = PAGES.flatMap(([file, text]) =>
      [...text.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => ({ file, name })),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
  });
});

/** What `npm pack` would put into the package, without its build. */
function packedFiles(): ReadonlySet<string> {
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(said);
  return new Set(files.map((file: { path: string }) => file.path));
}
