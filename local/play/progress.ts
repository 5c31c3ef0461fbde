import { createLogUpdate } from 'log-update';
import { inOneLine, PAINT, toTerminal } from '../../cli/terminal.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { World } from '../world/start-world.ts';
import { digest, type Happening } from './digest.ts';
import { ofDelivery, ofJob, ofRunner, ofTask } from './happenings.ts';
import { describeStanding, standingOf } from './standing.ts';
import { wrapped } from './wrapped.ts';

/** How often the status line is drawn on a terminal, in real time. */
const DRAW_EVERY_MS = 100;
/** How often what happened is told, in real time: on a terminal, and elsewhere with the status line. */
const TELL_EVERY_MS = { terminal: 500, elsewhere: 3_000 };

export interface Progress {
  /** Says what the scenario itself has done. */
  tell(line: string): void;
  stop(): void;
}

export const SILENT: Progress = { tell: () => undefined, stop: () => undefined };

/** Shows what happens in the world until it is stopped: a line for each kind of event, and how things stand. */
export function showProgress(world: World, policy: Policy, output: NodeJS.WriteStream): Progress {
  const pen = createPen(world, output);
  const happened: Happening[] = [];
  let isOver = false;
  const keep = (one: Happening | undefined) => {
    if (one !== undefined && !isOver) happened.push(one);
  };
  world.github.on('job', (job) => keep(ofJob(job, policy)));
  world.github.on('delivery', (delivery) => keep(ofDelivery(delivery)));
  world.github.on('runner', (event) => keep(ofRunner(event)));
  world.aws.on('task-state-change', ({ detail }) => keep(ofTask(detail, world)));
  const flush = () => {
    for (const line of digest(happened.splice(0))) pen.print(line);
  };
  const draw = () => pen.draw(describeStanding(standingOf(world, policy)));
  const both = () => {
    flush();
    draw();
  };
  const timers = pen.isLive
    ? [setInterval(flush, TELL_EVERY_MS.terminal), setInterval(draw, DRAW_EVERY_MS)]
    : [setInterval(both, TELL_EVERY_MS.elsewhere)];
  return {
    tell: (line) => keep({ kind: line, line, many: () => line }),
    stop() {
      for (const timer of timers) clearInterval(timer);
      both();
      isOver = true;
      pen.close();
    },
  };
}

interface Pen {
  readonly isLive: boolean;
  print(line: string): void;
  /** The line that is always last: on a terminal it stays in its place, elsewhere it is written when it changes. */
  draw(line: string): void;
  close(): void;
}

function createPen({ clock }: World, output: NodeJS.WriteStream): Pen {
  const startedAtMs = clock.nowMs();
  const update = createLogUpdate(output);
  const isLive = output.isTTY === true;
  const stamped = (line: string) => {
    const stamp = time(Math.floor((clock.nowMs() - startedAtMs) / 1000));
    // Colours first: what wraps them knows those of a terminal.
    const text = wrapped(toTerminal(inOneLine(line), output), stamp.length + 1);
    return `${toTerminal(PAINT.dim(stamp), output)} ${text}`;
  };
  let shown = '';
  return {
    isLive,
    print(line) {
      if (isLive) update.clear();
      output.write(`${stamped(line)}\n`);
    },
    draw(line) {
      if (isLive) update(stamped(line));
      else if (line !== shown) output.write(`${stamped(PAINT.dim(line))}\n`);
      shown = line;
    },
    close: () => isLive && update.done(),
  };
}

const time = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}`;
