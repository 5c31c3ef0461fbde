import { describe, expect, it } from 'vitest';
import type { Investigation } from '../../cli/doctor/investigate.ts';
import { patient } from '../../cli/doctor/patient.ts';
import { CliError } from '../../cli/errors.ts';

const seen = (name: string) => ({ name }) as unknown as Investigation;
const busy = new CliError('AWS takes no more calls now', 'wait');

/** Looks that answer one after the other. */
function open(...answers: (Investigation | Error)[]) {
  const told: string[] = [];
  const look = patient(
    async () => {
      const answer = answers.shift();
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer left');
      return answer;
    },
    (line) => told.push(line),
  );
  return { look, told };
}

describe('following by looks of which some fail', () => {
  it('should keep what was seen before, and tell once until a look succeeds', async () => {
    const { look, told } = open(seen('a'), busy, busy, seen('b'), busy);
    const names: unknown[] = [];
    for (let count = 0; count < 5; count++) names.push(Object(await look()).name);
    expect(names).toEqual(['a', 'a', 'a', 'b', 'b']);
    expect(told).toEqual(Array(2).fill('could not look (AWS takes no more calls now): it tries again'));
  });

  it('should fail where nothing was seen yet', async () => {
    await expect(open(busy).look()).rejects.toBe(busy);
  });
});
