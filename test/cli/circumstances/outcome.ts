import type { Circumstance, Place } from './circumstances.ts';
import type { Called } from './commands.ts';
import { faultsOf, faultsOfJson } from './judge.ts';
import { type Ended, run } from './run.ts';

/** How a command ended in a circumstance, and what is wrong with that. */
export interface Outcome {
  readonly circumstance: Circumstance;
  readonly command: string;
  readonly code: number | string | undefined;
  readonly message: string;
  readonly fix: string;
  readonly faults: readonly string[];
}

/** What they answer is for a shell to read. */
const SCRIPTS: ReadonlySet<string> = new Set(['completion']);

export async function outcomeOf(
  program: string,
  place: Place,
  { circumstance, called }: { readonly circumstance: Circumstance; readonly called: Called },
): Promise<Outcome> {
  const how = await circumstance.how(called, place);
  const ended = await run({ program, ...how });
  const faults = faultsOf(ended, circumstance);
  const asJson =
    circumstance.hasJson &&
    !SCRIPTS.has(called.name) &&
    (await run({ program, ...how, args: [...how.args, '--json'] }));
  return {
    ...{ circumstance, command: called.name, code: ended.code, ...told(ended, place) },
    faults: [...faults, ...(asJson ? faultsOfJson(asJson) : [])].map((fault) => `${fault}:\n${shown(ended)}`),
  };
}

const shown = ({ stdout, stderr }: Ended): string => `${stdout}\n${stderr}`.trim().slice(0, 2000);

/** What it says, without what differs from run to run. */
function told(
  { stdout, stderr }: Ended,
  { world }: Place,
): { readonly message: string; readonly fix: string } {
  const text = `${stdout}\n${stderr}`
    .replaceAll(world, 'ADDRESS')
    // Node's own, where both variables are set.
    .replaceAll(/^\(.*(NO_COLOR|--trace-warnings).*\n/gm, '')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
  const ofError = /^error (.+?)\nfix {3}(.+)$/ms.exec(text) ?? /^✗ (.+?)\n.*?^ +fix: (.+?)$/ms.exec(text);
  const [, message = '', fix = ''] = ofError ?? [];
  return { message: message.trim(), fix: fix.trim() };
}
