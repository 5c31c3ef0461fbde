import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { estimateCostUsd } from '../../functions/core/task/prices.ts';
import { readRunnerLimits } from '../../infra/runners.ts';
import { isRun, testsIn, titlesIn } from '../fixtures/named-tests.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const text = read('docs/security.md');

/** Each threat: `### Who: could do what`, what answers it, and the tests that show that. */
const threats = text.split(/^### /m).flatMap((section) => {
  const [threat = '', rest = ''] = section.split(/\n(.*)/s);
  if (!/^[^:]+: ./.test(threat)) return [];
  const [answer = '', shown = ''] = rest.split(/^Shown by:\n/m);
  const tests = [...shown.matchAll(/^- (.+)$/gm)].map(([, test = '']) => test);
  return [{ threat, answer: answer.trim(), tests }];
});

describe('the threat model', () => {
  it('should say of each threat what answers it', () => {
    expect(threats.length).toBeGreaterThanOrEqual(30);
    for (const { threat, answer } of threats) expect(answer, threat).not.toBe('');
  });

  it('should name tests that exist and are run', () => {
    for (const { threat, tests } of threats) {
      for (const { file, title } of tests.flatMap(testsIn)) {
        expect(file, `${threat}: ${tests.join()}`).not.toBe('');
        expect(titlesIn(file), threat).toContain(title);
        expect(isRun(file), file).toBe(true);
      }
    }
  });

  it('should leave one threat of a task without an answer: the listener’s key file', () => {
    const unanswered = threats.filter(({ tests }) => tests.length === 0);
    expect(unanswered.map(({ threat }) => threat)).toEqual(["A job: read its own runner's key file"]);
    expect(text).toContain("### The listener's key file");
  });

  it('should reckon with the prices and the limits that there are', () => {
    const { maximumCpuUnits, maximumMemoryMiB } = readRunnerLimits(path.join(ROOT, 'runners.yml'));
    const hourOf = (vcpu: number, memoryGiB: number) =>
      estimateCostUsd(
        { vcpu, memoryGiB, storageGiB: 20, arch: 'x64', provider: 'fargate' },
        3600,
        'us-east-1',
      );
    const [vcpu, memoryGiB] = [Number(maximumCpuUnits) / 1024, Number(maximumMemoryMiB) / 1024];
    expect(text).toContain(
      `(${vcpu} vCPU, ${memoryGiB} GiB) are $${Math.round(1000 * hourOf(vcpu, memoryGiB))} an hour`,
    );
    expect(text).toContain(`of 16 vCPU and 32 GiB $${Math.round(1000 * hourOf(16, 32))}`);
  });
});
