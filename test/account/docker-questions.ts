import type { Answer, LaunchOutcome, Question } from './questions.ts';

/** What a script told that ran in the runner's place, beside the daemon. */
export interface DockerRun {
  readonly outcome: LaunchOutcome;
  readonly exitCode: number | undefined;
  /** ECS's words on its end. */
  readonly reason: string;
  /** `probe NAME=VALUE` of its log. */
  readonly told: Readonly<Record<string, string>>;
  /** From RunTask until it ran; `undefined` where it never did. */
  readonly secondsToRun: number | undefined;
}

export interface DockerSize {
  readonly vcpu: number;
  readonly memoryGiB: number;
}

/** What a stage with `docker=enabled` can be asked. */
export interface DockerPort {
  run(size: DockerSize, script: string): Promise<DockerRun>;
  /** Stops a task that waits for its instance; how long it took. */
  stopAtOnce(size: DockerSize): Promise<{ readonly seconds: number }>;
  /** How long after the last task the last instance went; `undefined` where it did not in a quarter of an hour. */
  secondsUntilNoInstance(): Promise<number | undefined>;
}

/** A code that nothing else ends with: the script came to its end. */
const DONE = 42;
const SMALL: DockerSize = { vcpu: 1, memoryGiB: 2 };
const LARGE: DockerSize = { vcpu: 4, memoryGiB: 16 };

/** What is tried beside the daemon. Images come from Amazon's mirror, as the daemon's own does. */
const TRIES = {
  run: 'docker run --rm $HUB/alpine:3 true',
  build: "printf 'FROM '$HUB'/alpine:3\\nRUN true\\n' | docker build -",
  port: 'docker run -d -p 18080:80 $HUB/nginx:alpine && sleep 3 && curl -fsS http://localhost:18080',
  workspace:
    'echo here > /home/runner/_work/x && docker run --rm -v /home/runner/_work:/w $HUB/alpine:3 cat /w/x',
} as const;

/** 169.254.169.254 has the credentials of the instance's role, where nothing is in the way. */
const METADATA = 'http://169.254.169.254/latest/meta-data/';

export const SCRIPT = [
  'HUB=public.ecr.aws/docker/library',
  'say() { echo "probe $1=$2"; }',
  'try() { local name=$1; shift; eval "$@" > /tmp/out 2>&1 && say "$name" ok || say "$name" "$(tail -n 1 /tmp/out)"; }',
  'say memoryMiB "$(( $(awk \'/MemTotal/ {print $2}\' /proc/meminfo) / 1024 ))"',
  'say boot "$(cat /proc/sys/kernel/random/boot_id)"',
  'for _ in {1..60}; do docker info > /dev/null 2>&1 && break; sleep 2; done',
  'say daemon "$(docker info --format \'{{.ServerVersion}} {{.Driver}}\' 2>&1 | tail -n 1)"',
  ...Object.entries(TRIES).map(([name, command]) => `try ${name} ${quoted(command)}`),
  `try metadata 'curl -fsS -m 3 ${METADATA}'`,
  `try metadataInside 'docker run --rm $HUB/alpine:3 wget -T 3 -qO- ${METADATA}'`,
  `exit ${DONE}`,
].join('\n');

function quoted(command: string): string {
  return `'${command.replaceAll("'", "'\\''")}'`;
}

const asBuilt = (seen: string): Answer => ({ verdict: 'as built', seen });
const change = (seen: string): Answer => ({ verdict: 'CHANGE', seen });
const open = (seen: string): Answer => ({ verdict: 'open', seen });

export function judgeStart({ outcome, exitCode, reason, secondsToRun }: DockerRun): Answer {
  if (outcome.kind !== 'started')
    return change(`${outcome.kind}: ${outcome.reason ?? ''}. No job with Docker can start`);
  if (exitCode !== DONE) return change(`ended with ${exitCode ?? 'nothing'}: ${reason}`);
  return asBuilt(
    `ran ${secondsToRun?.toFixed(0) ?? '?'} s after RunTask, without a list that names the provider`,
  );
}

export function judgeDaemon({ told }: DockerRun): Answer {
  const { daemon = '' } = told;
  return /^\d+\.\d+/.test(daemon) ? asBuilt(daemon) : change(`no daemon: ${daemon || 'nothing was told'}`);
}

/** An instance has a little less than its type's memory, and may be twice as large as its task. */
export function judgeInstance(small: DockerRun, large: DockerRun): Answer {
  const [less, more] = [small, large].map(({ told }) => Number(told['memoryMiB'] ?? Number.NaN)) as [
    number,
    number,
  ];
  const seen = `${less} MiB for a task of ${SMALL.memoryGiB} GiB, ${more} MiB for one of ${LARGE.memoryGiB} GiB`;
  if (Number.isNaN(less + more)) return open(`not both ran: ${large.reason || small.reason}`);
  if (more < LARGE.memoryGiB * 1024 * 0.9) return change(`${seen}: the override is not looked at`);
  return less < more ? asBuilt(seen) : change(`${seen}: small tasks pay for large instances`);
}

export function judgeWork({ told }: DockerRun): Answer {
  const broken = Object.keys(TRIES).filter((name) => told[name] !== 'ok');
  return broken.length === 0
    ? asBuilt(Object.keys(TRIES).join(', '))
    : change(broken.map((name) => `${name}: ${told[name] ?? 'not tried'}`).join('; '));
}

export function judgeMetadata({ told: { metadata, metadataInside } }: DockerRun): Answer {
  if (metadata === undefined || metadataInside === undefined) return open('not tried');
  const reached = [
    ...(metadata === 'ok' ? ['the task'] : []),
    ...(metadataInside === 'ok' ? ['a container of the job'] : []),
  ];
  return reached.length === 0
    ? asBuilt('not reached')
    : change(`${reached.join(' and ')} reaches it: every job has the instance's role. Switch docker off`);
}

export function judgeDistinct(runs: readonly DockerRun[]): Answer {
  const boots = runs.map(({ told }) => told['boot']);
  if (boots.some((boot) => boot === undefined)) return open('not both ran');
  return new Set(boots).size === boots.length
    ? asBuilt('two tasks at once had an instance each')
    : change('two tasks shared an instance: a job can reach the other');
}

export function judgeIdle(seconds: number | undefined): Answer {
  if (seconds === undefined) return change('an instance was still there after 15 minutes, and costs money');
  return seconds <= 300
    ? asBuilt(`gone after ${seconds.toFixed(0)} s`)
    : change(`gone after ${seconds.toFixed(0)} s`);
}

/** Asked of a stage with Docker only, what would stop everything first. Runs are shared by the questions. */
function dockerQuestions(): readonly Question[] {
  const runs = new Map<string, Promise<DockerRun>>();
  const runOnce = (docker: DockerPort, name: string, size: DockerSize) => {
    const run = runs.get(name) ?? docker.run(size, SCRIPT);
    runs.set(name, run);
    return run;
  };
  const of = (
    id: string,
    asks: string,
    how: string,
    ask: (docker: DockerPort) => Promise<Answer>,
  ): Question => ({
    ...{ id, asks, how, needsAws: true },
    ask: ({ docker }) => (docker === undefined ? Promise.resolve(open('no Docker here')) : ask(docker)),
  });
  const small = (docker: DockerPort) => runOnce(docker, 'small', SMALL);
  return [
    of(
      'docker-start',
      'Does a launch that names the provider start, though the cluster’s list does not have it?',
      'a task with Docker, with the launching function’s own policy',
      async (docker) => judgeStart(await small(docker)),
    ),
    of(
      'docker-daemon',
      'Does a privileged daemon come up on Managed Instances?',
      '`docker info` in the runner’s place, in the same task',
      async (docker) => judgeDaemon(await small(docker)),
    ),
    of(
      'docker-instance',
      'Does the size of an override choose the instance?',
      'the memory of the instances of a small task and of a large one',
      async (docker) => judgeInstance(await small(docker), await runOnce(docker, 'large', LARGE)),
    ),
    of(
      'docker-work',
      'Do run, build, published ports and mounts of the workspace work?',
      'each once, in the same task',
      async (docker) => judgeWork(await small(docker)),
    ),
    of(
      'docker-metadata',
      'Is the instance’s metadata out of reach?',
      'a request from the task, and one from a container that it starts',
      async (docker) => judgeMetadata(await small(docker)),
    ),
    of(
      'docker-distinct',
      'Do two tasks at once get an instance each?',
      'two launches, and the boot ids of their machines',
      async (docker) =>
        judgeDistinct(await Promise.all([docker.run(SMALL, SCRIPT), docker.run(SMALL, SCRIPT)])),
    ),
    of(
      'docker-stop',
      'Can a task be stopped that waits for its instance?',
      'StopTask right after RunTask',
      async (docker) => {
        const { seconds } = await docker.stopAtOnce(SMALL);
        return asBuilt(`stopped after ${seconds.toFixed(0)} s`);
      },
    ),
    of(
      'docker-idle',
      'When is an instance gone?',
      'the cluster’s instances after the last task',
      async (docker) => judgeIdle(await docker.secondsUntilNoInstance()),
    ),
    of(
      'docker-update',
      'Does an update of the cluster leave the provider alone?',
      'by hand: deploy with containerInsights=disabled, then run a job with Docker',
      async () => open('not asked here: a second deployment'),
    ),
    of(
      'docker-sandbox',
      'Does a sandbox take a privileged container?',
      'by hand, once CloudFormation has trustedExecution: the line that infra/docker.yml names',
      async () => open('not asked here: the property is in no schema yet'),
    ),
  ];
}

/** Those of every stage, with Docker’s before what comes after the removal. */
export const withDocker = (questions: readonly Question[]): readonly Question[] => [
  ...questions.filter(({ isAfterRemoval }) => !isAfterRemoval),
  ...dockerQuestions(),
  ...questions.filter(({ isAfterRemoval }) => isAfterRemoval),
];
