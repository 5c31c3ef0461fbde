import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedGuides } from '../../scripts/write-docs.ts';

const ROOT = path.join(import.meta.dirname, '../..');

describe('a guide that is made from the code', async () => {
  it.each(Object.entries(await generatedGuides()))(
    'should be as the code is (else npm run docs): %s',
    async (file, text) => {
      expect(await readFile(path.join(ROOT, file), 'utf8').catch(() => 'missing')).toBe(text);
    },
  );
});
