import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const image = (file: string) => readFileSync(path.join(import.meta.dirname, '../../image', file), 'utf8');

it('should list in image/README.md every package that the Dockerfile adds, and no other', () => {
  const [, list = ''] = /apt-get install [^\\]*\\\n((?: {6}.*\n)+)/.exec(image('Dockerfile')) ?? [];
  const [, table = ''] = /\| Packages .*\n\|-.*\n((?:\|.*\n)+)/.exec(image('README.md')) ?? [];
  const listed = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/[\w-]+/g) ?? []);
  const installed = list.match(/[\w-]+/g) ?? [];
  expect(installed.length).toBeGreaterThan(10);
  expect(listed.toSorted()).toEqual(installed.toSorted());
});
