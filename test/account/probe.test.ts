import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type DockerPort,
  type DockerRun,
  judgeDaemon,
  judgeDistinct,
  judgeIdle,
  judgeInstance,
  judgeMetadata,
  judgeStart,
  judgeWork,
  SCRIPT,
  withDocker,
} from './docker-questions.ts';
import { type ProbePort, probe } from './probe.ts';
import {
  type Answer,
  judgeEnd,
  judgeReservation,
  judgeSizes,
  QUESTIONS,
  type Question,
  type StagePort,
} from './questions.ts';

const started = { kind: 'started', taskArn: 'arn:task' } as const;
const denied = { kind: 'denied', reason: 'not authorized' } as const;

/** All goes as built, unless said otherwise. */
const STAGE: StagePort = {
  launch: async ({ vcpu, memoryGiB }) => (vcpu > 4 || memoryGiB > 16 ? denied : started),
  endOf: async () => ({ exitCode: 64, reason: 'Essential container in task exited' }),
  deniedWhileDeploying: async () => [],
  reserveNothing: async () => ({ limit: 10, refusal: undefined }),
  silentAlarmStates: async () => ['OK'],
  imageBytes: async () => 0.6e9,
  hasInsightsLogGroup: async () => true,
};

/** A run, and what was done in its order. */
async function run(
  changes: Partial<ProbePort> = {},
  { questions = QUESTIONS, isStandIn = false, interruptAt = '' } = {},
) {
  const done: string[] = [];
  const controller = new AbortController();
  const note = <T>(what: string, value: T) => {
    done.push(what);
    if (what === interruptAt) controller.abort();
    return value;
  };
  const port: ProbePort = {
    deploy: async () => note('deploy', STAGE),
    remove: async () => note('remove', undefined),
    waitAfterRemoval: async () => note('wait', undefined),
    ...changes,
  };
  const watched = questions.map(
    (one): Question => ({ ...one, ask: (stage) => note(one.id, one).ask(stage) }),
  );
  const probed = await probe(watched, port, { signal: controller.signal, isStandIn, tell: () => {} });
  return { done, ...probed };
}

describe('an hour in an account', () => {
  it('should ask everything in its order, the last after the removal, and tell each answer', async () => {
    const { done, rows, problems } = await run();
    const ids = QUESTIONS.map(({ id }) => id);
    expect(done).toEqual(['deploy', ...ids.slice(0, -1), 'remove', 'wait', 'insights-revived']);
    expect(ids[0]).toBe('size-keys');
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(rows.filter(({ verdict }) => verdict !== 'as built').map(({ id }) => id)).toEqual(['layers']);
    expect(problems).toEqual([]);
  });

  it('should remove what a deployment that failed has begun, and say that nothing was asked', async () => {
    const { done, rows, problems } = await run({ deploy: () => Promise.reject(new Error('CREATE_FAILED')) });
    expect(done).toEqual(['remove']);
    expect(problems).toEqual(['the deployment failed: CREATE_FAILED']);
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['not asked']));
  });

  it.each(['deploy', 'execution-role', 'layers'])(
    'should remove everything when it is interrupted at %s',
    async (at) => {
      const { done, rows } = await run({}, { interruptAt: at });
      expect(done.slice(-2)).toEqual([at, 'remove']);
      const asked = QUESTIONS.findIndex(({ id }) => id === at) + 1;
      for (const row of rows.slice(asked))
        expect(row).toMatchObject({ verdict: 'not asked', seen: 'interrupted' });
    },
  );

  it('should remove everything when a question fails, and leave that one open', async () => {
    const fails = { ...QUESTIONS[0], ask: () => Promise.reject(new Error('throttled')) } as Question;
    const { done, rows } = await run({}, { questions: [fails, ...QUESTIONS.slice(1)] });
    expect(done).toContain('remove');
    expect(rows[0]).toMatchObject({ verdict: 'open', seen: 'throttled' });
    expect(rows[1]?.verdict).toBe('as built');
  });

  it('should say so when something is left', async () => {
    const { problems } = await run({ remove: () => Promise.reject(new Error('oneshot-probe is there')) });
    expect(problems).toEqual(['THE REMOVAL FAILED, and something is left: oneshot-probe is there']);
  });

  it('should ask a stand-in for AWS nothing that it only seems to know', async () => {
    const { done, rows } = await run({}, { isStandIn: true });
    expect(done).toEqual(['deploy', 'reserve-nothing', 'image-size', 'remove']);
    expect(rows[0]).toMatchObject({ verdict: 'not asked', seen: expect.stringContaining('stand-in') });
  });
});

const RUN: DockerRun = {
  ...{ outcome: started, exitCode: 42, reason: '', secondsToRun: 70 },
  told: {
    ...{
      memoryMiB: '3800',
      boot: 'a',
      daemon: '29.8.1 overlay2',
      metadata: 'timed out',
      metadataInside: 'timed out',
    },
    ...{ run: 'ok', build: 'ok', port: 'ok', workspace: 'ok' },
  },
};
const told = (changes: DockerRun['told']): DockerRun => ({ ...RUN, told: { ...RUN.told, ...changes } });
const LARGE = told({ memoryMiB: '31000', boot: 'b' });
const { memoryMiB: _, ...SILENT } = RUN.told;

describe('an hour in an account, with Docker', () => {
  let boots = 0;
  const docker: DockerPort = {
    run: async ({ memoryGiB }) => (memoryGiB > 8 ? LARGE : told({ boot: `boot-${boots++}` })),
    stopAtOnce: async () => ({ seconds: 20 }),
    secondsUntilNoInstance: async () => 90,
  };

  it('should ask what Docker builds on before anything is removed, in the order of risk', async () => {
    const questions = withDocker(QUESTIONS);
    const deploy = async () => ({ ...STAGE, docker });
    const { rows, problems } = await run({ deploy }, { questions });
    const ids = rows.map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('docker-')).slice(0, 3)).toEqual([
      'docker-start',
      'docker-daemon',
      'docker-instance',
    ]);
    expect(ids.at(-1)).toBe('insights-revived');
    const other = rows.filter(({ verdict }) => verdict !== 'as built').map(({ id }) => id);
    expect(other).toEqual(['layers', 'docker-update', 'docker-sandbox']);
    expect(problems).toEqual([]);
  });

  it('should ask nothing of Docker where the stage has none', () => {
    expect(QUESTIONS.filter(({ id }) => id.includes('docker'))).toEqual([]);
  });

  it('should be told in the guide, each question by its id', () => {
    const guide = readFileSync(path.join(import.meta.dirname, '../../docs/first-hour.md'), 'utf8');
    for (const { id } of withDocker(QUESTIONS)) expect(guide).toContain(`\`${id}\``);
  });
});

describe('the script that runs beside the daemon', () => {
  it('should be one that bash can read, and tell all that is judged', () => {
    const { status, stderr } = spawnSync('bash', ['-n', '-c', SCRIPT], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    for (const name of Object.keys(RUN.told)) expect(SCRIPT).toMatch(new RegExp(`(say|try) ${name} `));
  });

  it('should come to its end where nothing works, and say of each thing why', () => {
    const never = 'docker() { echo "no daemon"; return 1; }; curl() { return 1; }; sleep() { :; }';
    const { status, stdout } = spawnSync('bash', ['-c', `${never}\n${SCRIPT}`], { encoding: 'utf8' });
    expect(status).toBe(42);
    expect(stdout).toContain('probe daemon=no daemon');
    expect(stdout).toContain('probe run=no daemon');
  });
});

describe('an answer of Docker', () => {
  it.each<[string, Answer['verdict'], Answer]>([
    ['the launch is refused', 'CHANGE', judgeStart({ ...RUN, outcome: { kind: 'refused' } })],
    ['the task never ran', 'CHANGE', judgeStart({ ...RUN, exitCode: undefined })],
    ['there is no daemon', 'CHANGE', judgeDaemon(told({ daemon: 'Cannot connect to the Docker daemon' }))],
    ['nothing was told', 'CHANGE', judgeDaemon({ ...RUN, told: {} })],
    ['the instance is too small', 'CHANGE', judgeInstance(RUN, told({ memoryMiB: '3800' }))],
    ['all instances are large', 'CHANGE', judgeInstance(LARGE, LARGE)],
    ['one task never ran', 'open', judgeInstance(RUN, { ...RUN, told: SILENT })],
    ['a port is closed', 'CHANGE', judgeWork(told({ port: 'Connection refused' }))],
    ['a container reaches the metadata', 'CHANGE', judgeMetadata(told({ metadataInside: 'ok' }))],
    ['nobody tried the metadata', 'open', judgeMetadata({ ...RUN, told: {} })],
    ['two tasks share an instance', 'CHANGE', judgeDistinct([RUN, RUN])],
    ['two tasks have one each', 'as built', judgeDistinct([RUN, LARGE])],
    ['an instance stays', 'CHANGE', judgeIdle(undefined)],
    ['an instance stays for ten minutes', 'CHANGE', judgeIdle(600)],
  ])('should be judged: %s is %s', (_, verdict, answer) => {
    expect(answer.verdict).toBe(verdict);
  });
});

describe('an answer', () => {
  it.each<[string, Answer['verdict'], Answer]>([
    ['both keys are filled', 'as built', judgeSizes(started, denied, denied)],
    ['neither is', 'as built', judgeSizes(started, started, started)],
    [
      'a quota stops what IAM let through',
      'as built',
      judgeSizes(started, { kind: 'refused' }, { kind: 'refused' }),
    ],
    ['one is', 'CHANGE', judgeSizes(started, denied, started)],
    ['every launch is denied', 'CHANGE', judgeSizes(denied, denied, denied)],
    [
      'the container never ran',
      'CHANGE',
      judgeEnd({ exitCode: undefined, reason: 'unable to assume the role' }),
    ],
    ['another exit code', 'CHANGE', judgeEnd({ exitCode: 1, reason: '' })],
    ['closed in a small account', 'as built', judgeReservation({ limit: 10, refusal: undefined })],
    ['refused in a small account', 'as built', judgeReservation({ limit: 10, refusal: 'below its minimum' })],
    ['closed in a large account', 'open', judgeReservation({ limit: 1000, refusal: undefined })],
  ])('should be judged: %s is %s', (_, verdict, answer) => {
    expect(answer.verdict).toBe(verdict);
  });
});
