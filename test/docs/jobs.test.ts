import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRunnerLimits } from '../../infra/runners.ts';
import { isRun, rowsOf, testsIn, titlesIn } from '../fixtures/named-tests.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const guide = readFileSync(path.join(ROOT, 'docs/jobs.md'), 'utf8');
const rows = rowsOf(guide);

describe('the page for authors of workflows', () => {
  it('should say of each thing what it is like here, and where that is from', () => {
    expect(rows.length).toBeGreaterThanOrEqual(18);
    for (const row of rows) {
      const [what = '', here = '', , from = ''] = row;
      expect(row, what).toHaveLength(4);
      expect([what, here, from], what).not.toContain('');
      if (/^\[[^\]]+\]\(https:\/\/\S+\)$/.test(from)) continue;
      for (const { file, title } of testsIn(from)) {
        expect(file, `${what}: ${from}`).not.toBe('');
        expect(titlesIn(file), what).toContain(title);
        expect(isRun(file), file).toBe(true);
      }
    }
  });

  it('should have short cells', () => {
    for (const [what = '', here = '', write = ''] of rows)
      for (const cell of [what, here, write]) expect(cell.length, cell).toBeLessThanOrEqual(70);
  });

  it('should tell the hours that runners.yml gives', () => {
    const { maximumAgeSeconds } = readRunnerLimits(path.join(ROOT, 'runners.yml'));
    expect(guide).toContain(`${Number(maximumAgeSeconds) / 3600} hours unless set`);
    expect(guide).toContain(`| ${Number(maximumAgeSeconds) / 3600}, or what`);
  });
});
