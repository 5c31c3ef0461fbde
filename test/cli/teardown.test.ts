import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { planTeardown, type Seen } from '../../cli/teardown/plan.ts';
import { startControl } from '../../local/world/control.ts';
import { PARAMETER_PATH, RUNNER_PREFIX, STACK, type World } from '../../local/world/start-world.ts';
import { register } from '../fixtures/registration.ts';
import { startTestWorld, until } from '../fixtures/world.ts';

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
const printed: string[] = [];

async function run(...args: string[]): Promise<number> {
  printed.length = 0;
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void printed.push(String(line))),
  );
  try {
    return await main(['--local', control.url, ...args]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const operator = () =>
  new SSMClient({
    ...{ region: world.aws.region, endpoint: world.aws.url },
    credentials: world.aws.operatorCredentials,
  });
const liveTasks = () => world.aws.tasks().filter(({ lastStatus }) => lastStatus !== 'STOPPED');
const ofStage = () => run('--json', 'teardown', '--dry-run').then(() => printed.join('\n'));

beforeAll(async () => {
  world = await startTestWorld({ pace: 30 });
  control = await startControl(world);
  world.aws.parameters.put('/oneshot/local/github-of-another/app-id', '1');
  const repository = `${world.installation.owner.login}/web`;
  world.github.queueRun({
    repository,
    jobs: [{ name: 'long', labels: ['fargate'], durationSeconds: 9_000 }],
  });
  await until('a job runs', () => world.github.jobs().some(({ status }) => status === 'in_progress'));
}, 300_000);
afterAll(async () => {
  control.close();
  await world.close();
});

describe('teardown', () => {
  it('should change nothing when nobody is there to agree, or when it only shows', async () => {
    expect(await run('teardown')).toBe(2);
    expect(printed.join('\n')).toContain('give --yes');
    expect(await ofStage()).toContain(`${PARAMETER_PATH}/private-key`);
    expect(liveTasks()).toHaveLength(1);
  });

  it('should leave no task, no runner and no parameter of its own, and touch no other’s', async () => {
    // Of the same stage in another region, and of another stage.
    const others = [`${STACK}-0a1b2c3d-1-2-0`, `${STACK}-two-5e1fc0de-1-2-0`];
    await register(world, control.url, `${RUNNER_PREFIX}-1-2-0`);
    for (const name of others) await register(world, control.url, name);
    expect(await run('teardown', '--yes')).toBe(0);
    expect(liveTasks()).toEqual([]);
    expect(world.github.runners().map(({ name }) => name)).toEqual(others);
    for (const name of ['app-id', 'private-key', 'webhook-secret'])
      expect(printed.join('\n')).toContain(`${PARAMETER_PATH}/${name}`);
    expect(printed.join('\n')).toContain('GitHub has no API that deletes it');
    expect(world.github.webhookUrl).toBe('https://webhook-removed.invalid/');
    const { deletes } = JSON.parse(await ofStage());
    expect(JSON.stringify(deletes)).not.toContain(PARAMETER_PATH);
    const Name = '/oneshot/local/github-of-another/app-id';
    expect((await operator().send(new GetParameterCommand({ Name }))).Parameter?.Version).toBe(1);
  }, 300_000);
});

describe('the plan of a teardown', () => {
  const seen: Seen = {
    ...{
      stack: 'oneshot-dev',
      runnerPrefix: 'oneshot-dev-5e1fc0de',
      ownerTag: 'oneshot-dev',
      isLocal: false,
      liveTasks: 0,
      runningJobs: 0,
    },
    ...{ parameters: [], appSettingsUrl: 'https://github.com/apps/x', githubProblem: undefined },
  };

  it.each([undefined, 'oneshot-prod'])('should refuse a stack whose tag is %s', (ownerTag) => {
    expect(planTeardown({ ...seen, ownerTag }).kind).toBe('refused');
  });

  it('should say how many jobs fail by it', () => {
    const plan = planTeardown({ ...seen, liveTasks: 3, runningJobs: 2 });
    expect(JSON.stringify(plan)).toMatch(/live tasks: 3.*FAIL: 2/);
  });

  it('should say that what is at GitHub stays where GitHub could not be asked', () => {
    const plan = planTeardown({ ...seen, appSettingsUrl: undefined, githubProblem: 'no key' });
    expect(plan).toMatchObject({ leaves: [{ because: 'no key' }, {}] });
    expect(JSON.stringify(plan)).not.toContain('runners at GitHub named');
  });
});
