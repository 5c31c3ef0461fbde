import { describe, expect, it } from 'vitest';
import { type Finding, fail, ok, type Verdict, warn } from '../../cli/doctor/link.ts';
import { changesSince } from '../../cli/doctor/watch-chain.ts';

const finding = (id: string, verdict: Verdict | { kind: 'skip'; because: string }): Finding => ({
  ...{ id, title: id, tries: '' },
  verdict,
});
const changed = (before: Finding['verdict'], now: Finding['verdict']): boolean =>
  changesSince([finding('a', before)], [finding('a', now)]).length > 0;

describe('what changed since the last look', () => {
  it('should be a link that broke, or that is well again', () => {
    expect(changed(ok('12 tasks'), fail('none', 'fix'))).toBe(true);
    expect(changed(fail('none', 'fix'), ok('12 tasks'))).toBe(true);
    expect(changed(ok('12 tasks'), { kind: 'skip', because: 'b' })).toBe(true);
  });

  it('should be another fault in the same link', () => {
    expect(changed(warn('2 dead letters', 'fix'), warn('3 dead letters', 'fix'))).toBe(true);
    expect(changed(warn('2 dead letters', 'fix'), warn('2 dead letters', 'fix'))).toBe(false);
  });

  it('should not be a count in a link that is well', () => {
    expect(changed(ok('12 in the last hour'), ok('13 in the last hour'))).toBe(false);
  });
});
