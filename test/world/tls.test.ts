import { expect, it } from 'vitest';
import { inWorld, until } from '../fixtures/world.ts';

it(
  'should run a job where GitHub speaks TLS by an authority that functions and tasks are told of',
  () =>
    inWorld(
      async (world) => {
        const { owner, repositories } = world.installation;
        const jobs = [{ name: 'build', labels: ['fargate'], durationSeconds: 30 }];
        world.github.queueRun({ repository: `${owner.login}/${repositories[0]?.name}`, jobs });
        await until('the job has ended', () => world.github.jobs()[0]?.status === 'completed');
        expect(world.github.url).toMatch(/^https:/);
        expect(world.github.jobs()).toMatchObject([{ conclusion: 'success' }]);
      },
      { tls: true },
    ),
  240_000,
);
