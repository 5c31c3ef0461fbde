import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { store } from '../../cli/setup/apply.ts';
import { generateAppKey } from '../../local/github/jit-config.ts';
import { PARAMETER_PATH, STACK, type World } from '../../local/world/start-world.ts';
import { inWorld, until } from '../fixtures/world.ts';

type Line = Readonly<Record<string, unknown>>;

/** The first loud line of the webhook and of reconcile about a job in a world that was spoilt before. */
async function loudLines(spoil: (world: World) => Promise<void> | void): Promise<readonly Line[]> {
  const lines: Line[] = [];
  await inWorld(
    async (world) => {
      const loud = (service: string) =>
        world.logs
          .filter((line) => /"level":"(?:WARN|ERROR)"/.test(line))
          .map((line): Line => JSON.parse(line))
          .filter((line) => line['service'] === service);
      await spoil(world);
      const jobs = [{ name: 'build', labels: ['fargate'], durationSeconds: 30 }];
      world.github.queueRun({ repository: 'acme/web', jobs });
      await until('both have said it', () => loud('oneshot-reconcile').length > 0);
      lines.push(...loud('oneshot-webhook'), ...loud('oneshot-reconcile').slice(0, 1));
    },
    { isCold: true },
  );
  return lines;
}

async function putParameters(world: World, changes: { privateKey?: string; appId?: string }): Promise<void> {
  const { aws, privateKey, webhookSecret } = world;
  const { region, url: endpoint, operatorCredentials: credentials } = aws;
  const ssm = new SSMClient({ region, endpoint, credentials });
  const secrets = { appId: '123456', privateKey, webhookSecret, ...changes };
  await store({ ssm, parameterPath: PARAMETER_PATH, stack: STACK }, secrets);
}

describe.concurrent('the cause of a launch that failed', { timeout: 600_000 }, () => {
  it.each<[string, (world: World) => Promise<void> | void, RegExp, RegExp]>([
    [
      'a runner group that is not there',
      ({ github }) => github.accounts.change('acme', { runnerGroups: [] }),
      /^GitHub shows the App no runner group 1 at orgs\/acme: correct runnerGroup/,
      /create JIT config: Not Found \(status 404/,
    ],
    [
      'a key that GitHub does not take',
      async (world) => putParameters(world, { privateKey: (await generateAppKey()).privateKeyPem }),
      /^GitHub does not accept the App’s private key: .*\/oneshot\/local\/github\/private-key/,
      /mint token: A JSON web token could not be decoded \(status 401/,
    ],
    [
      'a key that is none',
      (world) => putParameters(world, { privateKey: 'no key' }),
      /^GitHub does not accept the App’s private key: .*\/oneshot\/local\/github\/private-key/,
      /mint token: the App’s private key is not a private key in PEM form/,
    ],
    [
      'the id of no App',
      (world) => putParameters(world, { appId: '7' }),
      /^GitHub has no App with the id that oneshot uses: .*\/oneshot\/local\/github\/app-id/,
      /find installation: Integration not found \(status 404/,
    ],
  ])('should stand in one ERROR line of each function: %s', async (_, spoil, remedy, call) => {
    const lines = await loudLines(spoil);
    expect(lines.map(({ service, level }) => [service, level])).toEqual([
      ['oneshot-webhook', 'ERROR'],
      ['oneshot-reconcile', 'ERROR'],
    ]);
    expect(lines[0]).toMatchObject({ scope: 'orgs/acme', runnerGroup: 1 });
    for (const { message } of lines)
      for (const words of [remedy, call, /orgs\/acme, runner group 1;/]) expect(message).toMatch(words);
  });
});
