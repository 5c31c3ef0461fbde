import { setTimeout as pause } from 'node:timers/promises';
import { EXIT_CODES } from '../../../functions/core/task/exit-codes.ts';
import { startTask, type Task } from '../../../local/task/task.ts';
import { type Behaviour, behaviourOf, optionsOf } from './behaviour.ts';
import { read } from './facts.ts';
import { assignmentLimits, causesOf, type Happenings, hasOvertaken, trueEndings } from './truth.ts';

/** One run, and what was wrong with it. */
export interface Run {
  readonly seed: number;
  readonly ending: string | undefined;
  readonly trueEndings: readonly string[];
  readonly faults: readonly string[];
  /** What was drawn, what happened, what was told. */
  readonly story: string;
}

/** Plays the real supervisor with the listener that this seed draws, and holds it to what really happened. */
export async function play(seed: number): Promise<Run> {
  const behaviour = behaviourOf(seed);
  const startedAtMs = Date.now();
  const task = await startTask(optionsOf(behaviour));
  try {
    const termAtMs = sendTerm(task, behaviour);
    const ended = await Promise.race([task.ended, neverEnded(task)]);
    const happenings = {
      behaviour,
      startedAtMs,
      endedAtMs: Date.now(),
      termAtMs: termAtMs(),
      journal: task.journal(),
    };
    return {
      seed,
      ending: ended.ending,
      trueEndings: [...trueEndings(happenings)],
      faults: [
        ...faultsOfEnding(ended, happenings),
        ...faultsOfTask(ended, task),
        ...faultsOfLimits(happenings),
      ],
      story: tell(happenings, task),
    };
  } finally {
    task.cleanUp();
  }
}

/** Far past every limit of a run: it is over then, whatever the supervisor does. */
const PATIENCE_SECONDS = 60;

async function neverEnded(task: Task): Promise<Ended> {
  await pause(1000 * PATIENCE_SECONDS, undefined, { ref: false });
  return { code: null, ending: undefined, states: [], leftover: task.processes(), files: [] };
}

/** Sends SIGTERM at its time, if the task is still there then; tells when that was. */
function sendTerm(task: Task, { termAfterSeconds }: Behaviour): () => number | undefined {
  let atMs: number | undefined;
  const send = () => {
    const nowMs = Date.now();
    try {
      task.signal('SIGTERM');
      atMs = nowMs;
    } catch {
      // It has just ended.
    }
  };
  if (termAfterSeconds !== undefined)
    task.reaches('starting').then(
      () => {
        const timer = setTimeout(send, 1000 * termAfterSeconds);
        const forget = () => clearTimeout(timer);
        task.ended.then(forget, forget);
      },
      () => undefined,
    );
  return () => atMs;
}

type Ended = Awaited<Task['ended']>;

function faultsOfEnding({ code, ending }: Ended, happenings: Happenings): string[] {
  const truth = trueEndings(happenings);
  const told = EXIT_CODES[code as keyof typeof EXIT_CODES];
  return [
    ...(told !== undefined && truth.has(told)
      ? []
      : [`exit code ${code} (${told}); true is ${[...truth].join(' or ')}`]),
    ...(told === ending ? [] : [`the log says ${ending}, the exit code ${told}`]),
  ];
}

function faultsOfTask({ leftover, files }: Ended, task: Task): string[] {
  const leaked = Object.entries(task.services.secrets).filter(([, secret]) => task.output().includes(secret));
  return [
    ...leftover.map(({ pid, command }) => `process ${pid} is left: ${command.replaceAll('\n', ' ')}`),
    ...files.map((file) => `${file} is left`),
    ...leaked.map(([name]) => `${name} is in the log`),
  ];
}

/** Of the promised 10 s past an idle limit 5 are for the listener's end; of the 45 s past the maximum age 30 are. */
const IDLE_SECONDS = 10;
const AGE_SLACK_SECONDS = 15;

function faultsOfLimits(happenings: Happenings): string[] {
  const { startedAtMs, endedAtMs, termAtMs, journal, behaviour } = happenings;
  const { limits } = behaviour;
  const { started, session, message, worker, stepsOver } = read(journal);
  const late = (what: string, sinceMs: number | undefined, seconds: number) =>
    sinceMs !== undefined && endedAtMs > sinceMs + 1000 * seconds
      ? [`${what}: ended ${(endedAtMs - sinceMs) / 1000} s after, not ${seconds}`]
      : [];
  const grace = limits.STOP_TIMEOUT / 4;
  return [
    ...late('maximum age', startedAtMs, limits.MAXIMUM_AGE + grace + AGE_SLACK_SECONDS),
    ...(started && !session
      ? late('never connected', startedAtMs, limits.CONNECT_TIMEOUT + IDLE_SECONDS)
      : []),
    ...(message ? [] : late('idle', session?.atMs, limits.IDLE_TIMEOUT + IDLE_SECONDS)),
    ...(message ? [] : late('SIGTERM without a job', termAtMs, IDLE_SECONDS)),
    ...(worker
      ? []
      : late('no worker', Math.max(0, ...assignmentLimits(happenings)) || undefined, IDLE_SECONDS)),
    ...late('a job that was over', stepsOver?.atMs, limits.LEASE + IDLE_SECONDS),
    ...late('SIGTERM', termAtMs, limits.STOP_TIMEOUT + IDLE_SECONDS),
    ...interruptedTooEarly(happenings),
  ];
}

/** An interrupt needs a limit that is over; a busy listener's, one of those of a job. */
function interruptedTooEarly(happenings: Happenings): string[] {
  const { worker } = read(happenings.journal);
  const isOver = (atMs: number) => causesOf(happenings).some((cause) => cause.isLimit && cause.atMs <= atMs);
  return happenings.journal
    .filter((fact) => 'signal' in fact && fact.signal === 'SIGINT')
    .filter(({ atMs }) => !isOver(atMs) && !hasOvertaken(happenings))
    .map(
      ({ atMs }) =>
        `a listener ${worker ? 'with a job' : 'without a job'} was interrupted at ${atMs}, before any limit`,
    );
}

function tell(happenings: Happenings, task: Task): string {
  const { behaviour, startedAtMs, endedAtMs, termAtMs, journal } = happenings;
  const at = (ms: number) => `${((ms - startedAtMs) / 1000).toFixed(2).padStart(6)} s`;
  return [
    JSON.stringify(behaviour),
    ...(termAtMs === undefined ? [] : [`${at(termAtMs)} SIGTERM`]),
    ...journal.map(({ atMs, ...fact }) => `${at(atMs)} ${JSON.stringify(fact)}`),
    `${at(endedAtMs)} ended`,
    ...causesOf(happenings).map(({ atMs, ending }) => `${at(atMs)} could end as ${ending}`),
    task.output().slice(-4000),
  ].join('\n');
}
