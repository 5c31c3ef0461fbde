import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const text = readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| Who |'));

describe('the threat model', () => {
  it('should say of each threat what answers it', () => {
    expect(rows.length).toBeGreaterThanOrEqual(15);
    for (const row of rows)
      expect(
        row.split('|').filter((cell) => cell.trim() !== ''),
        row,
      ).toHaveLength(4);
  });

  it('should name tests that exist, for all but what has no answer', () => {
    for (const row of rows) {
      const shown = row.split('|').at(-2)?.trim() ?? '';
      if (shown.startsWith('no answer')) continue;
      const [, file = '', title = ''] = /^`([\w./-]+)`: (.+)$/.exec(shown) ?? [];
      expect(readFileSync(path.join(ROOT, file), 'utf8'), row).toContain(title);
    }
  });
});
