import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { sectionsOf } from '../docs/markdown.ts';

const image = (file: string) => readFileSync(path.join(import.meta.dirname, '../../image', file), 'utf8');

const [, list = ''] = /apt-get install [^\\]*\\\n((?: {6}.*\n)+)/.exec(image('Dockerfile')) ?? [];
const installed = list.match(/[\w-]+/g) ?? [];

it('should list in image/README.md every package that the Dockerfile adds, and no other', () => {
  const [, table = ''] = /\| Packages .*\n\|-.*\n((?:\|.*\n)+)/.exec(image('README.md')) ?? [];
  const listed = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/[\w-]+/g) ?? []);
  expect(installed.length).toBeGreaterThan(10);
  expect(listed.toSorted()).toEqual(installed.toSorted());
});

it('should name every such package to people who write workflows, in docs/jobs.md', () => {
  const tools = sectionsOf(readFileSync(path.join(import.meta.dirname, '../../docs/jobs.md'), 'utf8')).get(
    'tools',
  );
  const named = [...(tools ?? '').matchAll(/^- \w.*$/gm)].flatMap(
    ([line]) => line.match(/(?<=`)[\w-]+(?=`)/g) ?? [],
  );
  expect(named.toSorted()).toEqual(installed.toSorted());
});

it('should try in the smoke test each tool that the Dockerfile adds', () => {
  const tried = [...image('smoke-test.sh').matchAll(/^ {2}\[([\w-]+)\]=/gm)].map(([, name]) => name);
  expect(tried.toSorted()).toEqual(installed.toSorted());
});
