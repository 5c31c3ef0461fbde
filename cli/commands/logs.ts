import { setTimeout as pauseFor } from 'node:timers/promises';
import { InvalidArgumentError, Option } from 'commander';
import type { AddCommand, CliContext } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { createInvestigator } from '../doctor/investigate.ts';
import { patient } from '../doctor/patient.ts';
import { CliError, EXIT } from '../errors.ts';
import { untilInterrupted } from '../interrupt.ts';
import { followFunctions, readFunctions } from '../logs/follow-functions.ts';
import { followTasks } from '../logs/follow-tasks.ts';
import { LEVELS, type Level } from '../logs/function-line.ts';
import { asJson, createPrinter, inWords, type Shown } from '../logs/shown.ts';
import { showTaskLine, streamOf } from '../logs/task-line.ts';
import { createLogPace, type FunctionName, runnerLogGroupOf, SERVICES } from '../observe/log-reader.ts';
import { tasksOf } from '../observe/look.ts';
import type { TaskView } from '../observe/snapshot.ts';
import { readPatiently } from '../observe/tail.ts';
import { requireWhich } from '../observe/which-job.ts';
import { pauseUntil } from '../pause.ts';

export const addLogs: AddCommand = (program, context) => {
  program
    .command('logs')
    .argument('[job]', 'a job or a run: its address on GitHub, or a job’s id; without one, the functions')
    .description(
      'show what supervisor and listener wrote in a job’s tasks, or what the functions wrote (the job’s own log is on GitHub)',
    )
    .option('-f, --follow', 'show lines as they come, until the job has ended or Ctrl-C', false)
    .option('--since <time>', 'how far back: 30m, 2h, 1d (default: 1h for the functions)', parseSpan)
    .addOption(new Option('--function <name...>', 'of these functions only').choices(Object.keys(SERVICES)))
    .addOption(new Option('--level <level>', 'of the functions: no lower level').choices(LEVELS))
    .action((job: string | undefined, options: LogsOptions) =>
      job === undefined ? showFunctions(context(), options) : showTasks(context(), job, options),
    );
};

interface LogsOptions {
  readonly follow: boolean;
  /** Milliseconds. */
  readonly since?: number;
  readonly function?: readonly FunctionName[];
  readonly level?: Level;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `2h`, `1d`. */
function parseSpan(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS[unit];
  if (unitMs !== undefined && Number(count) > 0) return Number(count) * unitMs;
  throw new InvalidArgumentError('Give a number and a unit: 90s, 30m, 2h or 1d.');
}

async function showFunctions({ connected, output }: CliContext, options: LogsOptions): Promise<void> {
  const { follow, since = UNITS['h'] ?? 0, function: functions = [], level = 'info' } = options;
  const deployment = await connected();
  const asked = { functions, level, sinceMs: deployment.now() - since };
  if (!follow) {
    const lines = await readFunctions(deployment, asked, (ms) => pauseFor(ms));
    return output.answer(lines.map(asJson), () => lines.map(inWords).join('\n'));
  }
  await untilInterrupted((signal) =>
    followFunctions(deployment, asked, { print: createPrinter(output), pause: pauseUntil(signal), signal }),
  );
}

async function showTasks(
  { connected, output }: CliContext,
  job: string,
  options: LogsOptions,
): Promise<void> {
  if (options.function !== undefined || options.level !== undefined)
    throw new CliError('--function and --level are about the functions', 'leave the job out', EXIT.usage);
  const which = requireWhich(job);
  const deployment = await connected();
  const investigate = createInvestigator(
    deployment,
    which,
    options.since === undefined ? {} : { windowMs: options.since },
  );
  if (options.follow) {
    await untilInterrupted((signal) =>
      followTasks({
        ...{ deployment, signal, tell: output.tell, investigate: patient(investigate, output.tell) },
        print: createPrinter(output),
        pause: pauseUntil(signal),
      }),
    );
    return;
  }
  const { jobs, snapshot } = await investigate();
  const tasks = jobs.flatMap(({ jobId }) => tasksOf(snapshot, jobId));
  if (tasks.length === 0)
    throw new CliError(
      `no task has run for ${job}`,
      `oneshot doctor --job ${job} says why; --follow waits for one`,
    );
  const found = await readTasks(deployment, tasks);
  output.answer(
    found.map(({ lines, ...task }) => ({ ...task, lines: lines.map(asJson) })),
    () =>
      found
        .map(
          ({ runnerName, ending, lines }) =>
            `== ${runnerName} (${ending ?? 'lives'})\n${lines.map(inWords).join('\n')}`,
        )
        .join('\n\n'),
  );
}

type TaskLines = Pick<TaskView, 'runnerName' | 'taskArn' | 'ending'> & { readonly lines: readonly Shown[] };

async function readTasks(deployment: Deployment, tasks: readonly TaskView[]): Promise<TaskLines[]> {
  const limits = { pace: createLogPace(), now: deployment.now, pause: (ms: number) => pauseFor(ms) };
  const found: TaskLines[] = [];
  for (const task of tasks) {
    const { runnerName, taskArn, ending } = task;
    const section = {
      group: runnerLogGroupOf(deployment),
      streamPrefix: streamOf(taskArn),
      startMs: task.createdAtMs,
    };
    const lines = await readPatiently(deployment.logs, section, limits);
    found.push({ runnerName, taskArn, ending, lines: lines.map((line) => showTaskLine(line, task)) });
  }
  return found;
}
