import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { asList, type Statement } from '../../local/aws/iam/evaluate.ts';
import { startControl } from '../../local/world/control.ts';
import { PARAMETER_PATH, type World } from '../../local/world/start-world.ts';
import { startTestWorld } from '../fixtures/world.ts';
import { forgetApp } from './person.ts';

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
let policy: readonly Statement[];
const printed: string[] = [];

async function setUp(...args: string[]): Promise<number> {
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void printed.push(String(line))),
  );
  const flags = ['--no-open', '--wait', '0.001', '--org', 'acme'];
  try {
    return await main(['--local', control.url, 'setup', ...flags, ...args]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Without an action; one that is granted by a wildcard is denied instead. */
function without(action: string): Statement[] {
  const [service] = action.split(':');
  const isWild = policy.some(({ Action }) => asList(Action).includes(`${service}:*`));
  const left = policy.map((one) => ({
    ...one,
    Action: asList(one.Action).filter((name) => name !== action),
  }));
  return isWild ? [...left, { Effect: 'Deny', Action: action, Resource: '*' }] : left;
}

describe('setup, where something is not allowed', () => {
  beforeAll(async () => {
    world = await startTestWorld({ pace: 30 });
    control = await startControl(world);
    policy = world.aws.accountState.deployerPolicy;
  }, 300_000);
  afterAll(async () => {
    control.close();
    await world.close();
  });
  beforeEach(() => {
    forgetApp(world);
    printed.length = 0;
    world.aws.accountState.deployerPolicy = policy;
  });

  it.each(['ssm:GetParameters', 'ssm:PutParameter', 'ssm:DeleteParameters', 'kms:Encrypt', 'kms:Decrypt'])(
    'should say that %s is missing before GitHub has made an App',
    async (action) => {
      world.aws.accountState.deployerPolicy = without(action);
      expect(await setUp()).not.toBe(0);
      expect(printed.join('\n')).toContain(`is not authorized to perform: ${action} on resource: arn:aws:`);
      expect(printed.join('\n')).not.toContain('Create the App here');
    },
  );

  it('should say so before a key of an App that is there is tried or its webhook changed', async () => {
    world.aws.accountState.deployerPolicy = without('kms:Decrypt');
    expect(await setUp('--app-id', '1', '--private-key-file', 'none.pem')).toBe(3);
    expect(printed.join('\n')).toContain('no App was made or changed');
  });

  it('should leave nothing of its trial', async () => {
    await setUp();
    expect(printed.join('\n')).toContain('Create the App here');
    expect(world.aws.parameters.has(`${PARAMETER_PATH}/setup-trial`)).toBe(false);
  });
});
