import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStateChange } from '../../functions/aws/ecs/state-change.ts';
import { taskFact } from '../../functions/aws/ecs/task-fact.ts';

const DETAIL = {
  taskArn: 'arn:aws:ecs:eu-central-1:123456789012:task/oneshot-dev/0123456789abcdef0123456789abcdef',
  lastStatus: 'STOPPED',
  startedBy: 'oneshot-dev-700000001-31415926535-0',
  createdAt: '2026-11-01T08:00:00.000Z',
  containers: [{ name: 'runner', exitCode: 10 }],
  version: 5,
};

describe('the detail of a task state change', () => {
  it('should be read as ECS sends it, fields that we do not know included', () => {
    expect(readStateChange(DETAIL)).toEqual(DETAIL);
  });

  it.each([
    [undefined, 'detail'],
    [{}, 'taskArn, lastStatus'],
    [{ ...DETAIL, startedBy: 7 }, 'startedBy'],
    [{ ...DETAIL, containers: [{ exitCode: '10' }] }, 'containers.0.exitCode'],
    [{ ...DETAIL, overrides: { containerOverrides: 'none' } }, 'overrides.containerOverrides'],
  ])('should be refused with the fields that are not of the documented form (%#)', (detail, fields) => {
    expect(readStateChange(detail)).toEqual({
      malformed: `missing or not of the documented form: ${fields}`,
    });
  });

  it('should never be read into what breaks its reader', () => {
    const anything = fc.anything({ maxDepth: 3 });
    const field = fc.constantFrom('startedBy', 'cpu', 'containers', 'overrides', 'tags', 'createdAt');
    fc.assert(
      fc.property(field, anything, (name, value) => {
        const read = readStateChange({ ...DETAIL, [name]: value });
        if (!('malformed' in read)) expect(() => taskFact(read, 'oneshot-dev')).not.toThrow();
      }),
    );
  });
});
