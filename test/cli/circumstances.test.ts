import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CIRCUMSTANCES } from './circumstances/circumstances.ts';
import { CALLED, type Called } from './circumstances/commands.ts';
import { outcomeOf } from './circumstances/outcome.ts';
import { openPlace } from './circumstances/place.ts';
import { buildProgram, type Program } from './circumstances/program.ts';

/** One command in each circumstance; `npm run test:long` has every command in each. */
let place: Awaited<ReturnType<typeof openPlace>>;
let program: Program;

beforeAll(async () => {
  [place, program] = await Promise.all([openPlace(), buildProgram()]);
}, 120_000);
afterAll(async () => {
  await program.remove();
  await place.close();
});

const called = (name: string): Called => CALLED.find((one) => one.name === name) ?? { name, args: [name] };

/** What each is most likely to go wrong with. */
const SAMPLE: Readonly<Record<string, string>> = {
  help: 'deploy',
  'wrong arguments': 'dlq list',
  'no region': 'doctor',
  'no credentials': 'deploy',
  '80 columns': 'status',
  'a file': 'console',
  'a read-only home': 'cost',
  'Ctrl-C': 'setup',
};

describe('the command line as a program', () => {
  it.concurrent.each(CIRCUMSTANCES.map((one) => [SAMPLE[one.name] ?? 'status', one.words, one] as const))(
    'should end well, or say what is wrong: %s, %s',
    { timeout: 600_000 },
    async (name, _, circumstance) => {
      const { faults } = await outcomeOf(program.file, place, { circumstance, called: called(name) });
      expect(faults).toEqual([]);
    },
  );
});
