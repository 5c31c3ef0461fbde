import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { estimateCostUsd } from '../../functions/core/task/prices.ts';
import { readRunnerLimits } from '../../infra/runners.ts';
import { isRun, rowsOf, testsIn, titlesIn } from '../fixtures/named-tests.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const text = read('docs/security.md');

const rows = rowsOf(text);

describe('the threat model', () => {
  it('should say of each threat who, what, what answers it, and what shows that', () => {
    expect(rows.length).toBeGreaterThanOrEqual(20);
    for (const row of rows) {
      expect(row, row.join()).toHaveLength(4);
      expect(
        row.every((cell) => cell !== ''),
        row.join(),
      ).toBe(true);
    }
  });

  it('should name tests that exist and are run, or say that there is no answer', () => {
    for (const [who, could, , shown = ''] of rows) {
      if (shown.startsWith('no answer: ')) continue;
      for (const { file, title } of testsIn(shown)) {
        expect(file, `${who}: ${could}: ${shown}`).not.toBe('');
        expect(titlesIn(file), `${who}: ${could}`).toContain(title);
        expect(isRun(file), file).toBe(true);
      }
    }
  });

  it('should leave one threat of a task without an answer: the listener’s key file', () => {
    const unanswered = rows.filter(([, , , shown]) => shown?.startsWith('no answer'));
    expect(unanswered.map(([, could]) => could)).toEqual(["read its own runner's key file"]);
    expect(text).toContain("**The listener's key file.**");
  });

  it('should reckon with the prices and the limits that there are', () => {
    const { maximumCpuUnits, maximumMemoryMiB } = readRunnerLimits(path.join(ROOT, 'runners.yml'));
    const hourOf = (vcpu: number, memoryGiB: number) =>
      estimateCostUsd({ vcpu, memoryGiB, storageGiB: 20, arch: 'x64', isSpot: false }, 3600);
    const [vcpu, memoryGiB] = [Number(maximumCpuUnits) / 1024, Number(maximumMemoryMiB) / 1024];
    expect(text).toContain(
      `(${vcpu} vCPU, ${memoryGiB} GiB) are $${Math.round(1000 * hourOf(vcpu, memoryGiB))} an hour`,
    );
    expect(text).toContain(`of 16 vCPU and 32 GiB $${Math.round(1000 * hourOf(16, 32))}`);
  });
});
