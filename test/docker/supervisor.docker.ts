import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES, type TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { type DockerCase, play } from './play.ts';

/** What a runner does for `services:`, `container:` and an image, as a step does it by the client. */
const BUILD = 'docker build --quiet --tag image "$BUILD_CONTEXT"';
const SERVICE = `
  docker network create jobs
  docker run --detach --name web --network jobs --publish 6379:80 --health-interval 100ms \\
    --health-cmd "wget -qO- http://127.0.0.1/" image sh -c "mkdir /www; echo served >/www/index.html; httpd -f -h /www"
  until [[ $(docker inspect --format "{{.State.Health.Status}}" web) == healthy ]]; do sleep 0.1; done`;

const until = async (file: string) => {
  while (!existsSync(file)) await pause(20);
};
const DAEMON_FREE = { machine: [], leftover: [], files: [] };

const CASES: readonly [string, TaskEnding, DockerCase][] = [
  [
    'a job with a service: a published port, a health check, a name in a network',
    'ran-succeeded',
    {
      script: `${BUILD}; ${SERVICE}
        [[ $(busybox wget -qO- http://127.0.0.1:6379/) == served ]]
        [[ $(docker run --rm --network jobs image wget -qO- http://web/) == served ]]`,
    },
  ],
  [
    'a job in a container, with its folder of _work and without /tmp',
    'ran-succeeded',
    {
      script: `${BUILD}; mkdir "$work/repo"; echo mine >"$work/repo/file"; echo theirs >/tmp/oneshot-of-runner
        docker run --rm --volume "$work:/__w" --workdir /__w/repo image sh -c "grep mine file; echo made >made"
        grep made "$work/repo/made"
        [[ $(docker run --rm --volume /tmp/oneshot-of-runner:/seen image sh -c "ls /seen | wc -l") == 0 ]]
        rm /tmp/oneshot-of-runner`,
    },
  ],
  [
    'a job that builds an image, with each builder, and runs it',
    'ran-succeeded',
    {
      script: `DOCKER_BUILDKIT=0 ${BUILD}; docker run --rm image true
        DOCKER_BUILDKIT=1 ${BUILD}; [[ $(docker run --rm image echo built) == built ]]`,
    },
  ],
  [
    'a job that leaves containers, networks, volumes and processes behind',
    'ran-failed',
    {
      script: `${BUILD}; docker network create left; docker volume create left
        docker run --detach --network left --volume left:/left --publish 8080:80 image sleep 600
        docker run --detach --privileged --network host --pid host image sleep 600; exit 1`,
    },
  ],
  ['a daemon that comes late', 'ran-succeeded', { daemonAfterMs: 2_000, script: 'docker info' }],
  [
    'a daemon that never comes, as it cannot start',
    'docker-not-ready',
    { disk: '16k', environment: { ONESHOT_DOCKER_TIMEOUT_SECONDS: '3' } },
  ],
  [
    'a daemon that is killed in the middle of a job',
    'ran-docker-lost',
    {
      script: `${BUILD}; docker run --detach image sleep 600; touch "$work/runs"; while docker version; do sleep 0.1; done; exit 1`,
      async act({ task, daemon }) {
        await until(path.join(task.root, '_work/runs'));
        await daemon.kill();
      },
    },
  ],
  [
    'a job that succeeds without the daemon that it lost',
    'ran-succeeded',
    {
      script: 'touch "$work/runs"; while docker version; do sleep 0.1; done',
      async act({ task, daemon }) {
        await until(path.join(task.root, '_work/runs'));
        await daemon.kill();
      },
    },
  ],
  [
    'a job that fills the disk of its daemon',
    'ran-out-of-disk',
    { disk: '256m', script: `${BUILD}; docker run image dd if=/dev/zero of=/big bs=1M` },
  ],
];

describe('a job beside a real Docker daemon', () => {
  it.each(CASES)('should end as it does, and leave nothing: %s: %s', async (_, ending, played) => {
    const seen = await play(played);
    const story = `${seen.output}\n--- the daemon's log\n${seen.daemonLog}`;
    expect(seen, story).toMatchObject({ ending, ...DAEMON_FREE });
    expect(EXIT_CODES[seen.code as keyof typeof EXIT_CODES]).toBe(ending);
    if (ending === 'docker-not-ready')
      expect(seen).toMatchObject({ facts: 0, states: ['starting', 'ended'] });
    if (ending === 'ran-out-of-disk') expect(seen.output).toContain('For more, dockerStorageGiB in');
  });
});
