/** What `npm start --` is asked for on its command line. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { FAULTS, WORLD_FAULTS, type WorldFault } from '../../model/faults.ts';
import { isFault } from '../world/faults.ts';

/** The share of opportunities at which a fault strikes that was asked for without a rate. */
const FAULT_RATE = 0.05;
/** The same where all were asked for: together they make about one call in twelve fail. */
const EACH_OF_ALL_RATE = 0.01;
const JOBS = 30;
/** A real runner takes some 3 s of a processor to start, and its job takes real time. */
const REAL_JOBS = 8;

export interface Options {
  readonly jobs: number;
  readonly speed?: number;
  readonly realtime: boolean;
  readonly faults: ReadonlyMap<WorldFault, number>;
  readonly seed: number;
  /** Folder of an unpacked release. */
  readonly runner?: string;
  /** Folder with `.github/workflows`. */
  readonly workflows?: string;
  /** Folder with `owner/name` for each action. */
  readonly actions?: string;
  /** A deployment with Docker, and jobs that use it. */
  readonly docker: boolean;
  readonly keep: boolean;
  readonly calls: boolean;
  readonly json: boolean;
}

/** Ends the process where the command line is not valid, or asks for help. */
export function readOptions(): Options {
  const { jobs, ...options } = createProgram()
    .parse()
    .opts<Omit<Options, 'jobs'> & { readonly jobs?: number }>();
  return { ...options, jobs: jobs ?? (options.runner === undefined ? JOBS : REAL_JOBS) };
}

function createProgram(): Command {
  return new Command('npm start --')
    .description(
      'Shows the whole system at work on an embedded world: GitHub and AWS on loopback, no account needed.',
    )
    .option(
      '--jobs <n>',
      `jobs in the matrix (default: ${JOBS}; with --runner ${REAL_JOBS})`,
      wholeNumber(1, 2000),
    )
    .addOption(
      new Option(
        '--speed <x>',
        'watch at this pace: world seconds in a real second, instead of jumping to what happens next',
      )
        .argParser(positive)
        .conflicts('runner'),
    )
    .option('--realtime', 'watch at the pace of the real world: --speed 1', false)
    .option(
      '--faults <names>',
      `faults that strike, as NAME,NAME=RATE,… or all; the rate is ${FAULT_RATE} unless given, of all ${EACH_OF_ALL_RATE} each`,
      readFaults,
      new Map(),
    )
    .option('--seed <n>', 'seed of the world’s choices', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--runner <dir>', 'run jobs for real: see below')
    .addOption(
      new Option(
        '--workflows <dir>',
        'play what a push starts of DIR/.github/workflows: see below',
      ).conflicts('jobs'),
    )
    .option('--actions <dir>', 'take actions that jobs use from DIR/OWNER/NAME: see below')
    .option('--docker', 'also queue jobs that need Docker: see below', false)
    .option('--keep', 'stay up and wait for jobs, until Ctrl-C', false)
    .option('--calls', 'list each call to GitHub and AWS with how often it was made', false)
    .addOption(new Option('--json', 'print one object and nothing else').default(false))
    .addHelpText('after', `\n${REAL_HELP}\n\n${DOCKER_HELP}\n\nFaults:\n${faultHelp()}\n\n${EXIT_HELP}`);
}

const REAL_HELP = `Real runners and your own workflows:
  --runner DIR     DIR has an unpacked release of actions/runner
                   (https://github.com/actions/runner/releases). Each task runs it
                   under the real supervisor. The steps of jobs run on this machine,
                   as you, with what you may do: use workflows that you trust.
                   It takes real time, the start-up of Fargate too: there is no
                   --speed with it.
  --workflows DIR  With --runner the workflows are run; without, each job is only
                   simulated: it waits as its labels would have it wait, and
                   succeeds after a time of the seed's choice.
  --actions DIR    For 'uses: owner/name@ref': DIR/owner/name is a git repository or
                   a folder with its action.yml, or DIR/owner/name@ref.tar.gz is
                   GitHub's own archive.
  docs/official-runner.md has more.`;

const DOCKER_HELP = `Docker:
  --docker         Deploys with docker: enabled, and queues a job that builds an
                   image and one that uses a service, each with a Docker daemon of
                   its own. That needs Linux, root, and Debian's docker.io and
                   busybox-static; elsewhere the two are left out, and it is said.
                   docs/docker.md has more.`;

const EXIT_HELP =
  'Exit code: 0; 1 if a job was lost or anything was left over, or a job of your workflows did not succeed; 2 if DIR cannot be used; 130 if it was interrupted before its end.';

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 200) return value;
  throw new InvalidArgumentError('It must be a number above 0 and at most 200.');
}

function readFaults(text: string): ReadonlyMap<WorldFault, number> {
  const all = WORLD_FAULTS.map((name) => `${name}=${EACH_OF_ALL_RATE}`);
  return new Map((text === 'all' ? all : text.split(',')).map(readFault));
}

function readFault(text: string): [WorldFault, number] {
  const [name = '', rate = String(FAULT_RATE)] = text.split('=');
  if (!isFault(name)) throw new InvalidArgumentError(`There is no fault ${name}. Known:\n${faultHelp()}`);
  const share = Number(rate);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError(`The rate of ${name} must be from 0 to 1.`);
  return [name, share];
}

function faultHelp(): string {
  return WORLD_FAULTS.map((name) => `  ${name.padEnd(24)} ${FAULTS[name].what}`).join('\n');
}
