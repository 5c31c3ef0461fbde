/** Who a job's end is owed to. */
export type Whose = 'nobody' | 'job' | 'runner' | 'oneshot' | 'aws' | 'github';

interface Blame {
  readonly whose: Whose;
  readonly means: string;
  /** Somebody has to act on the deployment: `oneshot doctor --job` then ends with 1. */
  readonly isFault?: true;
}

/** What made a job end as it did: a closed list, each with the sentence that a person reads. */
export const BLAMES = {
  succeeded: { whose: 'nobody', means: 'It ended well' },
  'step-failed': { whose: 'job', means: 'The job itself failed' },
  'job-failed': { whose: 'job', means: 'The job itself failed: its runner worked to the end' },
  'timed-out': { whose: 'job', means: 'It ran for longer than its timeout-minutes' },
  unservable: { whose: 'job', means: 'Its label cannot be served' },
  'out-of-memory': { whose: 'runner', means: 'Its runner had too little memory', isFault: true },
  'out-of-disk': { whose: 'runner', means: 'Its runner had too little disk', isFault: true },
  'docker-lost': {
    whose: 'runner',
    means: 'Its Docker daemon no longer answered when it ended: it died, or the job ended it',
    isFault: true,
  },
  'lost-contact': { whose: 'runner', means: 'Its runner was lost in the middle of the job', isFault: true },
  'over-maximum-age': {
    whose: 'oneshot',
    means: 'oneshot stopped it, as it ran for longer than timeouts.maximumAgeSeconds of runners.yml',
    isFault: true,
  },
  'stopped-by-sweep': { whose: 'oneshot', means: 'The sweep stopped its task', isFault: true },
  'stopped-by-hand': { whose: 'oneshot', means: 'Somebody stopped its task: oneshot stop, or StopTask' },
  'never-launched': { whose: 'oneshot', means: 'No runner was started for it', isFault: true },
  'task-failed': { whose: 'oneshot', means: 'Its task could not start', isFault: true },
  spot: { whose: 'aws', means: 'AWS took its Spot capacity back: use Spot for jobs that can be run again' },
  'no-capacity': { whose: 'aws', means: 'AWS had no room for its task' },
  host: { whose: 'aws', means: 'The machine under its task failed, or AWS had an error' },
  'never-assigned': { whose: 'github', means: 'A runner was there, and GitHub did not give it the job' },
  cancelled: {
    whose: 'github',
    means: 'It was cancelled at GitHub: by a person, by a newer run or with its run',
  },
  'not-started': { whose: 'github', means: 'GitHub could not start it' },
  skipped: {
    whose: 'github',
    means: 'GitHub skipped it: its condition was false, or what it needs did not succeed',
  },
  elsewhere: { whose: 'nobody', means: 'It ended on a runner that is not of this deployment' },
  unexplained: { whose: 'nobody', means: 'Nothing that was read says why it ended so' },
} as const satisfies Readonly<Record<string, Blame>>;

export type BlameKind = keyof typeof BLAMES;
