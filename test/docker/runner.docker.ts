/** What only the official runner does by itself: containers of jobs, services and Docker actions. Needs `--runner DIR`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Daemon, startDaemon, stopDaemon } from '../../local/docker/index.ts';
import type { Token } from '../../local/github/service/definition.ts';
import { mapping } from '../../local/github/service/script-step.ts';
import { judge } from '../runner/judge.ts';
import { type Case, play } from '../runner/play.ts';
import { image as action, job, run } from '../runner/steps.ts';
import { leftOnMachine, writeBuildContext } from './machine.ts';
import { type Registry, startRegistry } from './registry.ts';

const RELEASE = process.env['ONESHOT_TEST_RUNNER'];
const list = (...seq: Token[]): Token => ({ type: 1, seq });

/** A web server as a service, healthy once it serves. */
const web = (image: string): Token =>
  mapping({
    web: mapping({
      image: `${image}:web`,
      ports: list('6379:80'),
      options:
        '--health-cmd "wget -qO- http://127.0.0.1/ 2>&1 | grep 404" --health-interval 200ms --health-retries 50',
    }),
  });
const compose = `services: {web: {image: built, command: httpd -f, ports: ["8080:80"]}}`;
const SOCKET = `sock="$\{DOCKER_HOST#unix://}"; api() { curl --silent --fail --unix-socket "$sock" "$@"; }`;
/** As Testcontainers does: over the socket, with a free port that the daemon chooses. */
const CLIENT = `set -x; ${SOCKET}
  body='{"Image":"built","Cmd":["httpd","-f"],"ExposedPorts":{"80/tcp":{}},"HostConfig":{"PublishAllPorts":true}}'
  id=$(api -H 'content-type: application/json' -d "$body" http://docker/containers/create | sed 's/.*"Id":"\\([0-9a-f]*\\)".*/\\1/')
  api -X POST "http://docker/containers/$id/start"
  port=$(api "http://docker/containers/$id/json" | sed 's/.*"HostPort":"\\([0-9]*\\)".*/\\1/')
  until (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done
  api -X DELETE "http://docker/containers/$id?force=true"
  [[ -z $(docker ps --all --quiet --filter id=$id) ]]`;
const MOUNTS = `mkdir -p seen /tmp/oneshot-seen; echo it >seen/file; echo it >/tmp/oneshot-seen/file
  docker run --rm --volume "$PWD/seen:/seen" built grep it /seen/file
  [[ $(docker run --rm --volume /tmp/oneshot-seen:/seen built sh -c "ls /seen | wc -l") == 0 ]]
  rm -r /tmp/oneshot-seen`;

/** `killsDaemon`: once a step has made this file, below the runner's root. */
type DockerCase = Case & { readonly killsDaemon?: string };
type Made = (image: string) => DockerCase;
const green = (title: string, made: (image: string) => Case['job'], steps: Record<string, string>): Made => {
  return (image) => {
    const definition = made(image);
    const expects = { ending: 'ran-succeeded', conclusion: 'success', steps } as const;
    return { title, expects, ...(definition && { job: definition }) };
  };
};

const BUILD = run('Build', 'docker build --tag built "$BUILD_CONTEXT"');
const CASES: readonly Made[] = [
  green(
    'services: with a published port and a health check',
    (image) =>
      job(
        [
          run('By port', 'busybox wget -qO- http://127.0.0.1:6379/ 2>&1 | tee seen; grep 404 seen'),
          run('Healthy', '[[ $(docker inspect --format "{{.State.Health.Status}}" "$WEB") == healthy ]]', {
            environment: mapping({ WEB: { type: 3, expr: 'job.services.web.id' } }),
          }),
        ],
        { services: web(image) },
      ),
    { 'Initialize containers': 'succeeded', 'By port': 'succeeded', 'Stop containers': 'succeeded' },
  ),
  green(
    'container: with its folders, beside a service that it finds by name',
    (image) =>
      job(
        [
          run('Inside', '[ "$(cat /proc/1/comm)" = tail ] && echo made >here && ls /__e'),
          run('By name', 'wget -qO- http://web/ 2>&1 | grep 404'),
        ],
        { container: mapping({ image: `${image}:shell` }), services: web(image) },
      ),
    { 'Initialize containers': 'succeeded', Inside: 'succeeded', 'By name': 'succeeded' },
  ),
  green('a Docker action', (image) => job([action('An image', `${image}:shell`)]), {
    'An image': 'succeeded',
  }),
  green(
    'docker build, buildx and compose',
    () =>
      job([
        BUILD,
        run(
          'Buildx',
          'docker buildx build --load --tag second "$BUILD_CONTEXT" && docker run --rm second true',
        ),
        run(
          'Compose',
          `echo '${compose}' >compose.yaml; docker compose up --detach
           until busybox wget -qO- http://127.0.0.1:8080/ 2>&1 | grep 404; do sleep 0.1; done; docker compose down`,
        ),
      ]),
    { Build: 'succeeded', Buildx: 'succeeded', Compose: 'succeeded' },
  ),
  green('a client like Testcontainers', () => job([BUILD, run('Client', CLIENT)]), { Client: 'succeeded' }),
  green('mounts below _work, and none of /tmp', () => job([BUILD, run('Mounts', MOUNTS)]), {
    Mounts: 'succeeded',
  }),
  (image) => ({
    title: 'a service that is never healthy',
    job: job([run('Never', 'true')], {
      services: mapping({
        web: mapping({
          image: `${image}:web`,
          options: '--health-cmd false --health-interval 100ms --health-retries 2',
        }),
      }),
    }),
    expects: {
      ending: 'ran-failed',
      conclusion: 'failure',
      steps: { 'Initialize containers': 'failed', Never: 'skipped' },
    },
  }),
  (image) => ({
    title: 'a daemon that is killed under a container',
    job: job([run('Waits', ': >begun; sleep 600')], { container: mapping({ image: `${image}:shell` }) }),
    killsDaemon: '_work/shop/shop/begun',
    expects: { ending: 'ran-docker-lost', conclusion: 'failure' },
  }),
];

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

describe.skipIf(RELEASE === undefined)('the official runner beside a real Docker daemon', () => {
  it.each(CASES.map((made) => [made('').title, made] as const))('%s', async (_title, made) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-docker-'));
    const directory = path.join(folder, 'daemon');
    const context = path.join(folder, 'context');
    writeBuildContext(context);
    let daemon: Daemon | undefined;
    const played = made(registry.image);
    try {
      const seen = await play(
        {
          ...played,
          async act({ made: exists }) {
            if (played.killsDaemon === undefined) return;
            await exists(`runner/${played.killsDaemon}`);
            await daemon?.kill();
          },
          environment: {
            DOCKER_HOST: `unix://${directory}/socket/docker.sock`,
            ONESHOT_DOCKER_TIMEOUT_SECONDS: '120',
            BUILD_CONTEXT: context,
            ...played.environment,
          },
          options: {
            onLaidOut(root) {
              const shares = [path.join(root, '_work'), path.join(root, 'externals')];
              daemon = startDaemon({ directory, shares, hasFirewall: true });
            },
          },
        },
        RELEASE,
      );
      expect(seen.ending, seen.log).toBe([played.expects.ending].flat()[0]);
      judge(seen, played);
    } finally {
      if (daemon) await stopDaemon(daemon);
      rmSync(folder, { recursive: true, force: true });
    }
    expect(daemon && leftOnMachine(daemon)).toEqual([]);
  });
});
