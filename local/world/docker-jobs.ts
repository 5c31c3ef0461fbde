/** Jobs of the scenario that need Docker: what they do is done by a real daemon, whatever their runner is. */
import { mapping, scriptStep } from '../github/service/script-step.ts';
import type { JobRequest } from '../github/types.ts';

const step = (name: string, script: string) => scriptStep(script, { name, shell: 'bash' });

/** Without a registry: Debian's busybox-static is all of the image. */
const BUILD = `mkdir image && cp "$(command -v busybox)" image/busybox
printf '%s\\n' 'FROM scratch' 'COPY busybox /bin/busybox' 'ENV PATH=/bin' \\
  'RUN ["busybox", "--install", "-s", "/bin"]' 'CMD ["sh"]' >image/Dockerfile
docker build --tag app image`;
const RUN = `docker run --rm app echo 'said in a container'`;
/** A port that the daemon chooses: all tasks of this world have one network. */
const SERVICE = `docker network create tests
docker run --detach --name web --network tests --publish 80 app \\
  sh -c 'mkdir /www; echo served >/www/index.html; httpd -f -h /www'
port=$(docker port web 80 | head -n 1)
for try in {1..100}; do ! busybox wget -qO- "http://127.0.0.1:\${port##*:}/" || break; sleep 0.1; done
docker run --rm --network tests app wget -qO- http://web/`;

/** One that builds an image, and one with a service. */
export const dockerJobs = (labelPrefix: string): JobRequest[] => [
  dockerJob('image', `${labelPrefix}/docker`, [step('Build', BUILD), step('Run', RUN)]),
  dockerJob('service', `${labelPrefix}/cpu=2/memory=8/docker`, [
    step('Build', BUILD),
    step('Service', SERVICE),
  ]),
];

/** Where the world's time stands still for a job at work, it lasts this long all the same. */
const STAY_SECONDS = 10;

const STAY = step('Stay', `sleep ${STAY_SECONDS}`);

const dockerJob = (name: string, label: string, steps: ReturnType<typeof step>[]): JobRequest => ({
  name: `docker ${name}`,
  labels: [label],
  durationSeconds: STAY_SECONDS,
  definition: { key: name, environment: [mapping({ DOCKER_BUILDKIT: '1' })], steps: [...steps, STAY] },
});
