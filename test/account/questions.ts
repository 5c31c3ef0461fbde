import type { DockerPort } from './docker-questions.ts';

/** A launch with the permissions of the function that launches: what became of it. */
export interface LaunchOutcome {
  readonly kind: 'started' | 'denied' | 'refused';
  /** Of a task that started. */
  readonly taskArn?: string;
  /** ECS's words where none started. */
  readonly reason?: string;
}

export interface LaunchSize {
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly arch: 'x64' | 'arm64';
  readonly isSpot: boolean;
  /** With Docker, and this script in the supervisor's place. */
  readonly dockerScript?: string;
}

/** What a deployed stage can be asked. Each call may fail, which leaves its question open. */
export interface StagePort {
  launch(size: LaunchSize): Promise<LaunchOutcome>;
  /** How a task ended that was given no configuration: its exit code, and ECS's words. */
  endOf(taskArn: string): Promise<{ readonly exitCode: number | undefined; readonly reason: string }>;
  /** Permissions that CloudFormation says it missed, by the stack's events. */
  deniedWhileDeploying(): Promise<readonly string[]>;
  /** The account's limit, and what Lambda said to a reserved concurrency of 0. */
  reserveNothing(): Promise<{ readonly limit: number; readonly refusal: string | undefined }>;
  /** States that the alarm on a silent sweep has been in since it was made. */
  silentAlarmStates(): Promise<readonly string[]>;
  /** Compressed bytes of the image that tasks pull, for one architecture. */
  imageBytes(arch: 'x64' | 'arm64'): Promise<number>;
  /** Whether ECS has made the log group of Container Insights, stack or no stack. */
  hasInsightsLogGroup(): Promise<boolean>;
  /** Only of a stage that was deployed with Docker. */
  readonly docker?: DockerPort;
}

export interface Answer {
  readonly verdict: 'as built' | 'CHANGE' | 'open';
  readonly seen: string;
}

export interface Question {
  readonly id: string;
  readonly asks: string;
  /** What is done to find out. */
  readonly how: string;
  /** A stand-in for AWS neither enforces permissions nor runs tasks: its answer would say nothing. */
  readonly needsAws: boolean;
  /** Asked when the stage is removed, and not while it is there. */
  readonly isAfterRemoval?: boolean;
  ask(stage: StagePort): Promise<Answer>;
}

const asBuilt = (seen: string): Answer => ({ verdict: 'as built', seen });
const change = (seen: string): Answer => ({ verdict: 'CHANGE', seen });
const open = (seen: string): Answer => ({ verdict: 'open', seen });

/** The limits of runners.yml as shipped are 4 vCPU and 16 GiB: each of the others is over one of them. */
const WITHIN: LaunchSize = { vcpu: 0.25, memoryGiB: 0.5, arch: 'x64', isSpot: false };
const OVER_VCPU: LaunchSize = { ...WITHIN, vcpu: 8, memoryGiB: 16 };
const OVER_MEMORY: LaunchSize = { ...WITHIN, vcpu: 4, memoryGiB: 30 };
/** The supervisor's code for a task without a configuration (functions/core/task/exit-codes.ts). */
const NOT_CONFIGURED = 64;

export function judgeSizes(
  within: LaunchOutcome,
  overVcpu: LaunchOutcome,
  overMemory: LaunchOutcome,
): Answer {
  if (within.kind === 'denied')
    return change(`a launch within the limits is denied: ${within.reason ?? ''}. No job can start`);
  const bound = [overVcpu, overMemory].map(({ kind }) => kind === 'denied');
  if (bound.every(Boolean))
    return asBuilt('sizes over the limits are denied by IAM: overrides fill both keys');
  if (!bound.some(Boolean))
    return asBuilt('IAM lets any size through: only the functions’ own check bounds it');
  return change(`only ${bound[0] ? 'vCPU' : 'memory'} is bound by IAM: say so in docs/security.md`);
}

export function judgeEnd({ exitCode, reason }: { exitCode: number | undefined; reason: string }): Answer {
  if (exitCode === NOT_CONFIGURED)
    return asBuilt('pulled, logged, and ended as a task without configuration does');
  return exitCode === undefined
    ? change(`the container never ran: ${reason}`)
    : change(`ended with ${exitCode}, not ${NOT_CONFIGURED}: ${reason}`);
}

export function judgeReservation({ limit, refusal }: { limit: number; refusal: string | undefined }): Answer {
  if (refusal !== undefined)
    return asBuilt(`refused at a limit of ${limit}; a removal continues without: ${refusal}`);
  return limit <= 100
    ? asBuilt(`accepted at a limit of ${limit}`)
    : open(`accepted at a limit of ${limit}: says nothing of an account with ten`);
}

/** All that cannot be known without an account, what would stop everything first. */
export const QUESTIONS: readonly Question[] = [
  {
    id: 'size-keys',
    asks: 'Does the size of an override fill ecs:task-cpu and ecs:task-memory?',
    how: 'three launches with the launching function’s own policy: within its limits, over its vCPU, over its memory',
    needsAws: true,
    async ask(stage) {
      const within = await stage.launch(WITHIN);
      return judgeSizes(within, await stage.launch(OVER_VCPU), await stage.launch(OVER_MEMORY));
    },
  },
  {
    id: 'execution-role',
    asks: 'Can ECS assume the roles of a task under the conditions of their trust?',
    how: 'a launch of the smallest size, and how its task ended',
    needsAws: true,
    async ask(stage) {
      const { taskArn, reason = '' } = await stage.launch(WITHIN);
      return taskArn === undefined ? open(`no task: ${reason}`) : judgeEnd(await stage.endOf(taskArn));
    },
  },
  {
    id: 'deployer-policy',
    asks: 'Is the deployer’s policy enough, for the access log of the API and the descriptions of roles and rules?',
    how: 'the stack’s events, which name a permission that was missed; deploy with that policy and nothing else',
    needsAws: true,
    async ask(stage) {
      const denied = await stage.deniedWhileDeploying();
      return denied.length === 0
        ? asBuilt('nothing was denied (worth as much as these credentials are like the policy)')
        : change(`denied: ${denied.join('; ')}`);
    },
  },
  {
    id: 'reserve-nothing',
    asks: 'May a function be closed in an account that has ten concurrent executions?',
    how: 'lambda:PutFunctionConcurrency of 0, and taken back',
    needsAws: false,
    ask: async (stage) => judgeReservation(await stage.reserveNothing()),
  },
  {
    id: 'silent-alarm',
    asks: 'Does the alarm on a silent sweep go off at a first deployment?',
    how: 'its history since it was made',
    needsAws: true,
    async ask(stage) {
      const states = await stage.silentAlarmStates();
      return states.includes('ALARM')
        ? change(states.join(', '))
        : asBuilt(states.join(', ') || 'no change yet');
    },
  },
  ...(['x64', 'arm64'] as const).map(
    (arch): Question => ({
      id: `spot-${arch}`,
      asks: `Does this region start ${arch} on Spot?`,
      how: 'a launch of the smallest size on Spot',
      needsAws: true,
      async ask(stage) {
        const { kind, reason = '' } = await stage.launch({ ...WITHIN, arch, isSpot: true });
        return kind === 'started' ? asBuilt('started') : open(`${kind}: ${reason}`);
      },
    }),
  ),
  {
    id: 'image-size',
    asks: 'How large is the image that tasks pull?',
    how: 'its manifest at the registry, for both architectures',
    needsAws: false,
    async ask(stage) {
      const [x64, arm64] = [await stage.imageBytes('x64'), await stage.imageBytes('arm64')];
      const told = `${(x64 / 1e9).toFixed(2)} GB for x64, ${(arm64 / 1e9).toFixed(2)} GB for arm64, compressed`;
      return Math.abs(x64 / 1e9 - 0.6) <= 0.1
        ? asBuilt(told)
        : change(`${told}: put it into bench/prices.ts`);
    },
  },
  {
    id: 'layers',
    asks: 'What do SOCI and zstd save of a start?',
    how: 'by hand: build with imageLayers lazy, then zstd, and compare the phase `pull` of some jobs (docs/first-hour.md)',
    needsAws: true,
    ask: async () =>
      open('not asked here: two builds of the pipeline and some jobs, which takes longer than an hour'),
  },
  {
    id: 'insights-revived',
    asks: 'Does ECS make the log group of Container Insights again after the removal?',
    how: 'a look at the log group, minutes after the stack is gone',
    needsAws: true,
    isAfterRemoval: true,
    ask: async (stage) =>
      asBuilt(
        (await stage.hasInsightsLogGroup())
          ? 'yes: the next deployment deletes it; without one it is yours to delete'
          : 'not within the time that was waited',
      ),
  },
];
