import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapWithin } from '../../../functions/kit/within.ts';
import { CIRCUMSTANCES } from '../circumstances/circumstances.ts';
import { CALLED } from '../circumstances/commands.ts';
import { exitCodeGuide } from '../circumstances/guide.ts';
import { type Outcome, outcomeOf } from '../circumstances/outcome.ts';
import { openPlace } from '../circumstances/place.ts';
import { buildProgram, type Program } from '../circumstances/program.ts';
import { PAIRS, runTwice } from '../circumstances/two-at-once.ts';

/** As many as keep two cores busy. */
const AT_ONCE = 4;

let place: Awaited<ReturnType<typeof openPlace>>;
let program: Program;
/** By circumstance: one that is tried again is told of once. */
const outcomes = new Map<string, readonly Outcome[]>();

beforeAll(async () => {
  [place, program] = await Promise.all([openPlace(), buildProgram()]);
}, 180_000);
afterAll(async () => {
  await program.remove();
  await place.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('every command', () => {
  it.each(CIRCUMSTANCES.map((one) => [one.words, one] as const))(
    'should end well, or say what is wrong: %s',
    { timeout: 600_000 },
    async (words, circumstance) => {
      const all = CALLED.map((called) => ({ called, circumstance }));
      const seen = await mapWithin(AT_ONCE, all, (one) => outcomeOf(program.file, place, one));
      outcomes.set(words, seen);
      expect(seen.flatMap(({ command, faults }) => faults.map((fault) => `${command}: ${fault}`))).toEqual(
        [],
      );
    },
  );

  it('should bear another one beside it', { timeout: 600_000 }, async () => {
    const seen: Outcome[] = [];
    for (const pair of PAIRS(place.world, await freePort())) seen.push(await runTwice(program.file, pair));
    outcomes.set('two at once', seen);
    expect(seen.flatMap(({ command, faults }) => faults.map((fault) => `${command}: ${fault}`))).toEqual([]);
  });

  it('should do as docs/exit-codes.md says (else run this with -u)', async () => {
    await expect(exitCodeGuide([...outcomes.values()].flat())).toMatchFileSnapshot(
      '../../../docs/exit-codes.md',
    );
  });
});
