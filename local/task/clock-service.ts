/**
 * What the processes of tasks ask of the world's clock, each on a connection of its own, a line at a time:
 *
 * - `listen TASK`: a listener, for as long as the connection lasts; the answer is a line, when its time has come.
 * - `pause TASK SECONDS`: waits this long; the answer is a line.
 * - `wake TASK SECONDS`: a process that continues its work is to be woken after this long, by a line; from then on it
 *   works until it asks again.
 * - `look TASK SECONDS`: the supervisor has looked; the answer, a line, is the time, when it is to look again.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { PollState } from '../github/types.ts';
import type { WorldClock } from '../world/clock.ts';
import { TaskPulse } from './pulse.ts';

export interface TaskClock {
  /** The pulse of a task, and what its processes are to have in their environment. */
  readonly taskOf: (id: string) => { readonly pulse: TaskPulse; readonly env: Record<string, string> };
  /** What the listener of this task does. */
  readonly polls: (id: string, state: PollState) => void;
  close(): void;
}

/** The machine had been up for this long when the world began. */
const UP_SECONDS = 1_000;

export async function startTaskClock(clock: WorldClock): Promise<TaskClock> {
  const pulses = new Map<string, TaskPulse>();
  const uptime = () => ((clock.nowMs() - clock.epochMs) / 1000 + UP_SECONDS).toFixed(2);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    serve(socket, (id) => pulses.get(id), uptime);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    taskOf(id) {
      const pulse = new TaskPulse(clock);
      pulses.set(id, pulse);
      const env = { WORLD_CLOCK_PORT: String(port), WORLD_CLOCK_TASK: id, WORLD_CLOCK_UPTIME: uptime() };
      return { pulse, env };
    },
    polls: (id, state) => pulses.get(id)?.polls(state),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serve(socket: Socket, find: (id: string) => TaskPulse | undefined, uptime: () => string): void {
  const answer = () => void socket.write(`${uptime()}\n`);
  const lines = createInterface({ input: socket });
  let wake: (() => void) | undefined;
  socket.once('close', () => wake?.());
  // It tells of the socket's own errors too: a process that was killed.
  lines
    .on('error', () => undefined)
    .on('line', (line) => {
      const [verb, id = '', seconds] = line.split(' ');
      const pulse = find(id);
      if (verb === 'time') answer();
      else if (verb === 'listen') {
        pulse?.starts(answer);
        socket.once('close', () => pulse?.listens(false));
      } else if (verb === 'pause') {
        const end = pulse?.pause(Number(seconds) * 1000, answer);
        socket.once('close', () => end?.());
      } else if (verb === 'wake') {
        wake?.();
        wake = pulse?.wakes(Number(seconds) * 1000, answer);
      } else if (verb === 'look') pulse?.looked(Number(seconds) * 1000, answer);
    });
}
