import { mapping } from '../../../local/github/service/script-step.ts';
import type { Case, Play } from '../play.ts';
import { always, image, job, run } from '../steps.ts';

const NO_DOCKER = /^oneshot: This job asks for a container .* no Docker on this runner/;
const FAILED =
  'Executing the custom container implementation failed. Please contact your self hosted runner administrator.';
const refused = [NO_DOCKER, 'Process completed with exit code 1.', FAILED];

/** GitHub does not send the variable that allows hooks for containers. */
const withoutFlag = ({ wire }: Pick<Play, 'wire'>) =>
  wire.strike('POST acquirejob', {
    change: (answer) =>
      answer.replace(/("DistributedTask.AllowRunnerContainerHooks":\{"value":")true/, '$1false'),
  });
const container = 'alpine:3';
const services = mapping({ cache: mapping({ image: 'redis:7' }) });
const steps = [run('Ordinary', 'true'), always('Tidy')];

/** Jobs that want Docker, which is not there. */
export const DOCKER: readonly Case[] = [
  {
    // A step that always runs would run in the container: it is refused as well.
    title: 'a job in a container',
    job: job(steps, { container }),
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      steps: {
        'Initialize containers': 'failed',
        Ordinary: 'skipped',
        Tidy: 'failed',
        'Stop containers': 'succeeded',
        'Complete runner': 'succeeded',
      },
      annotations: [...refused, ...refused],
    },
  },
  {
    title: 'a job with services',
    job: job(steps, { services }),
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      steps: {
        'Initialize containers': 'failed',
        Ordinary: 'skipped',
        Tidy: 'succeeded',
        'Stop containers': 'succeeded',
      },
      annotations: refused,
    },
  },
  {
    title: 'a job with a Docker action',
    job: job([run('Ordinary', 'true'), image('Pull', 'docker://alpine:3'), always('Tidy')]),
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      steps: { Ordinary: 'succeeded', Pull: 'failed', Tidy: 'succeeded' },
      annotations: refused,
    },
  },
  {
    title: 'a job in a container, where GitHub allows no hooks for them',
    job: job(steps, { container }),
    prepare: withoutFlag,
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      steps: {
        'Initialize containers': 'failed',
        Ordinary: 'skipped',
        Tidy: 'failed',
        'Stop containers': 'failed',
        'Complete runner': 'succeeded',
      },
      annotations: [
        'Object reference not set to an instance of an object.',
        "Value cannot be null. (Parameter 'ContainerId')",
        "Value cannot be null. (Parameter 'network')",
      ],
    },
  },
  {
    title: 'a job with services, where GitHub allows no hooks for containers',
    job: job(steps, { services }),
    prepare: withoutFlag,
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      steps: {
        'Initialize containers': 'failed',
        Ordinary: 'skipped',
        Tidy: 'succeeded',
        'Stop containers': 'failed',
      },
      annotations: [
        'Object reference not set to an instance of an object.',
        "Value cannot be null. (Parameter 'network')",
      ],
    },
  },
];
