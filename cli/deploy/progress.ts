import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { createLogUpdate } from 'log-update';
import type { AwsConfig } from '../aws.ts';
import { MARKS, type Output } from '../output.ts';
import { inOneLine, PAINT, toTerminal } from '../terminal.ts';
import { causeOf, createEventReader, isRollback, type Step, stepOf } from './stack-events.ts';

const LOOK_EVERY_MS = 2_000;

/** Where progress is written: lines that stay and, on a terminal, one below them that is written over. */
interface Screen {
  line(text: string): void;
  status(text: string): void;
  end(): void;
}

/** The work of CloudFormation as it is told, while something else has started it. */
export interface Progress {
  /** Looks a last time, ends, and gives the failure that the others follow from. */
  end(): Promise<Step | undefined>;
}

/**
 * Tells each resource as CloudFormation comes to its end with it, with the time since the start; `total` is how many there
 * will be. It only tells: what it cannot read it leaves out.
 */
export async function followStack(
  config: AwsConfig,
  stack: string,
  total: number,
  output: Output,
): Promise<Progress> {
  const read = createEventReader(new CloudFormationClient(config), stack);
  const [stopping, steps, screen] = [new AbortController(), [] as Step[], screenOf(output)];
  const startedMs = performance.now();
  let isUndone = false;
  const look = async () => {
    for (const event of await read().catch(() => [])) {
      if (isRollback(event)) screen.line(`${elapsed(startedMs)}  CloudFormation takes back what it did`);
      isUndone ||= isRollback(event);
      const step = stepOf(event, isUndone);
      if (step === undefined) continue;
      steps.push(step);
      screen.line(`${elapsed(startedMs)}  ${inWords(step)}`);
    }
    screen.status(`${elapsed(startedMs)}  ${countDone(steps)} of ${total} resources`);
  };
  await look();
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await pause(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      await look();
    }
  })();
  return {
    async end() {
      stopping.abort();
      await looking;
      screen.end();
      return causeOf(steps);
    },
  };
}

const countDone = (steps: readonly Step[]): number =>
  new Set(steps.filter(({ done }) => done !== 'failed' && done !== 'undone').map(({ id }) => id)).size;

/** `1:05`. */
function elapsed(startedMs: number): string {
  const seconds = Math.floor((performance.now() - startedMs) / 1000);
  return PAINT.dim(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`);
}

const inWords = ({ id, what, done, reason }: Step): string =>
  done === 'failed'
    ? `${MARKS.fail} failed   ${what} ${id}: ${inOneLine(reason)}`
    : `${MARKS.ok} ${done.padEnd(8)} ${what} ${id}`;

function screenOf({ isJson, tell }: Output): Screen {
  if (isJson || !process.stderr.isTTY) return { line: tell, status: () => {}, end: () => {} };
  const update = createLogUpdate(process.stderr);
  return {
    line(text) {
      update.clear();
      tell(text);
    },
    status: (text) => update(toTerminal(text, process.stderr)),
    end: () => update.clear(),
  };
}
