import { PAINT } from '../../cli/terminal.ts';
import { counted } from '../../functions/core/words/count.ts';
import type { World } from '../world/start-world.ts';
import type { ScenarioOptions } from './scenario.ts';
import { wrapped } from './wrapped.ts';

export interface Introduced {
  /** A sentence without its end. */
  readonly playing: string;
  readonly notes: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  readonly keep: boolean;
}

/** What a person reads first: what this is, where to watch and try it, and what is played. */
export function introduction(world: World, pageUrl: string, options: Introduced): string {
  const faults = [...options.faults].map(([name, rate]) => `${name}=${rate}`).join(', ');
  return [
    ...whatThisIs(world),
    '',
    PAINT.bold(pageUrl),
    'Open it to see each job, its task and its cost; queue jobs, cancel them, switch faults on.',
    ...(world.runner ? ['A job leads to its page of the embedded GitHub, with its steps and logs.'] : []),
    'The same address is for commands, in another terminal:',
    `  export ONESHOT_LOCAL=${pageUrl}`,
    '  npm run oneshot -- status     (or doctor, cost, --help)',
    options.keep ? 'It stays up until Ctrl-C.' : 'It ends with the last job; npm start -- --keep stays up.',
    '',
    `Now playing: ${options.playing}.`,
    ...options.notes.map((note) => ` - ${note}`),
    ...(faults === '' ? [] : [`Faults: ${faults}.`]),
    '',
  ]
    .map((line) => (line.startsWith('  ') ? line : wrapped(line, line.startsWith(' - ') ? 3 : 0)))
    .join('\n');
}

function whatThisIs({ runner }: World): string[] {
  const whole =
    'The whole of oneshot on an embedded GitHub and AWS: the packaged functions, the real entrypoint';
  if (runner === undefined) return [`${whole}, no account.`];
  return [
    `${whole}, and actions/runner ${runner.version} of ${runner.directory}. No account.`,
    'Steps run on this machine, as you. All takes real time: a task starts after 20 to 40 s, as on Fargate.',
  ];
}

/** The scenario in a sentence. */
export function describeScenario(world: World, { jobs, docker = false }: ScenarioOptions): string {
  const { installation, runner, daemons } = world;
  const { owner, repositories } = installation;
  const where = repositories.map(({ name }) => `${owner.login}/${name}`).join(' and ');
  const cancelled = runner ? 'one that is cancelled while it runs' : 'one that is cancelled';
  const built = docker && daemons.whyNone() === undefined ? 'two that use Docker, ' : '';
  return `${counted(jobs, 'job')} in ${where}; and ${built}${cancelled}, one too large to be served, one for another runner, a forged delivery, and one that comes twice`;
}

/** How to queue a job without the page, once the scenario is over. */
export function staysUp({ installation, policy, ...world }: World, pageUrl: string): string {
  const { owner, repositories } = installation;
  const run = { repository: `${owner.login}/${repositories[0]?.name}`, labels: policy.labelPrefix, jobs: 1 };
  return [
    'The world stays up; Ctrl-C ends it. Queue a job on the page, or so:',
    `  curl -X POST ${pageUrl}actions/queue \\`,
    `    -H 'content-type: application/json' -d '${JSON.stringify({ ...run, seconds: 60 })}'`,
    `webhook ${world.webhookUrl}, GitHub ${world.github.url}, AWS ${world.aws.url}`,
    '',
  ].join('\n');
}
