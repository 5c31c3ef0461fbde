import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startControl } from '../../../local/world/control.ts';
import { startTestWorld, until } from '../../fixtures/world.ts';
import type { Place } from './circumstances.ts';

/** An embedded world with a job that has ended and one that waits for another runner. */
export async function openPlace(): Promise<Place & { close(): Promise<void> }> {
  const world = await startTestWorld({ speed: 30, sweepEverySeconds: 300 });
  const control = await startControl(world);
  await world.github.ping();
  const repository = `${world.installation.owner.login}/web`;
  const queue = (name: string, labels: string[]) =>
    world.github.queueRun({ repository, jobs: [{ name, labels, durationSeconds: 5 }] });
  queue('build of a name that is longer than most (ubuntu, node 24)', ['fargate']);
  queue('lint', ['gpu']);
  await until('the job is done', () => world.aws.tasks()[0]?.lastStatus === 'STOPPED', 60);
  await until('it was settled', () => world.logs.some((line) => line.includes('"task stopped"')), 60);
  await world.sweep();
  return {
    world: control.url,
    silent: openSilent,
    async close() {
      control.close();
      await world.close();
    },
  };
}

async function openSilent() {
  const server = createServer().listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, connected: once(server, 'connection') };
}
