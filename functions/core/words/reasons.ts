/**
 * Why something was done, left alone or not served: a closed list, each with the sentence that a person reads.
 * Nothing is logged, answered or counted with a reason that is not here.
 */
export const REASONS = {
  // A delivery that is not ours, or not yet.
  ping: 'GitHub checks that the webhook answers',
  'doctor-probe': 'oneshot doctor checks that a delivery without a signature is refused',
  'event-not-handled': 'only workflow_job events are handled; unsubscribe the App from the others',
  'action-not-queued': 'only queued jobs need a runner',
  'waiting-for-approval': 'the job waits for an environment approval; GitHub sends another event after it',
  'waiting-for-concurrency-group': 'the job waits for another job or run of its concurrency group to end',
  'already-started': 'the job already runs; the delivery came late or was sent again',
  'already-completed': 'the job has ended: it was cancelled early, or the delivery was sent again',
  'status-not-queued': 'the job is in a status in which no runner can take it',
  'label-missing': 'no label of the job starts with our prefix',
  'label-not-ours': 'the job asks for a label that our runners do not have',
  'repository-not-allowed': 'the repository is not in allow.repositories of runners.yml',
  'public-repository-not-allowed': 'the repository is public and not named in allow.publicRepositories',
  // A label with our prefix that cannot be served.
  'label-not-understood': 'the label has our prefix but not our grammar',
  'size-unknown': 'the named size is not in runners.yml',
  'labels-contradict': 'two labels of the job contradict each other',
  'size-not-available': 'Fargate has no size that large',
  'size-over-limit': 'the size is over a limit of runners.yml',
  'spot-not-allowed': 'runners.yml does not allow Spot',
  'arm64-not-allowed': 'runners.yml does not allow arm64',
  'docker-not-allowed': 'runners.yml does not give Docker to the repository',
  'refused-by-rule': 'a rule of runners.yml gives no runner to the repository',
  'docker-size-over-limit': 'the size is over a limit under docker.limits of runners.yml',
  'docker-has-no-spot': 'jobs with Docker do not run on Spot',
  'docker-has-its-own-disk':
    'jobs with Docker have the disk of their instance, whose size the deployment sets',
  // A launch.
  launched: 'a task was started for the job',
  taken: 'the same launch was made before; its registration or task exists',
  refused: 'GitHub or AWS refused the launch; nothing was started',
  unknown: 'no answer says whether the launch happened',
  'job-malformed': 'the job in the delivery cannot be read; reconcile asks GitHub for the repository’s jobs',
  'in-doubt': 'the repository is in the doubt queue; reconcile launches what is missing',
  'event-too-old': 'the event is old; reconcile asks GitHub whether the job still waits',
  'launched-before':
    'a runner was started for the job, which still waits; reconcile counts which job has which runner',
  cooling: 'GitHub or AWS asked this process to wait; reconcile launches instead',
  // A job that a runner has taken, and a task that has stopped.
  marked: 'the task is now marked with the job that it runs',
  swapped: 'the job took the runner that another job was counted for',
  'runner-unknown': 'the job runs on a runner that is not ours, or is no longer shown',
  'owner-not-allowed': 'the owner is not in allow.repositories of runners.yml; its claims are not believed',
  'mark-does-not-fit':
    'the runner that took the job has the name of one of our runners, but another id or scope',
  'job-ended':
    'a job has ended on one of our runners: its task ends too, and jobs of its run that have no runner may get their turn',
  // A doubt that is given up.
  'repository-gone': 'GitHub no longer shows the repository to the App; the sweep finds it if it returns',
  'repository-unreadable':
    'the repository could not be read in any of many looks; the sweep’s rotation still asks',
  'launches-refused': 'GitHub or AWS refused every launch for a reason that waiting does not cure',
  'doubt-too-old': 'the doubt was put back for a day; the sweep’s rotation raises a new one',
  // A job that was lost to a Spot interruption (rule 26).
  'run-again': 'the job was lost to a Spot interruption and its run is started again, once',
  'rerun-switched-off': 'spot.rerun of runners.yml is never',
  'rerun-before': 'the run was started again before: it is never done twice',
  'not-lost': 'no job of the run was lost to a Spot interruption: each ended by itself, or elsewhere',
  'run-cancelled': 'somebody cancelled the run, or a newer run of its concurrency group did',
  'run-too-large': 'the run has more jobs than are read to start it again',
  'others-failed':
    'other jobs of the run failed by themselves or may have, and GitHub starts one job again or all of them',
  'run-deployed': 'the run has deployed, and not only to environments under spot.environments of runners.yml',
  'rerun-refused': 'GitHub refused to start the run again',
  'rerun-unknown': 'no answer says whether the run was started again; its attempt will',
  'run-not-over': 'the run that lost the job is not over, and is started again then',
  // A reconcile.
  matched: 'a live task counts for the job',
  'backing-off': 'the last launch for the job is too recent',
  'not-runnable-yet':
    'GitHub has given the job to no runner, though other jobs of its run have run: max-parallel or a concurrency group holds it back',
  'group-excludes-repository':
    'GitHub has given the job to no runner: check that the runner group includes the repository (runnerGroup or runnerGroupId in runners.yml)',
  'over-a-day': 'the job was queued for a day, after which GitHub fails it; no runner is started for it',
  'at-concurrency-limit': 'a limit under concurrency in runners.yml is reached; the job waits',
  'rejections-over-limit': 'rejections.maximumPerHour of runners.yml is reached; the job gets its turn later',
  'concurrency-limited': 'runners.yml limits how much runs at once, which reconcile counts',
  // A sweep.
  'over-maximum-age': 'the task is RUNNING for longer than timeouts.maximumAgeSeconds',
  'over-boot-limit': 'the task has not reached RUNNING within timeouts.bootSeconds, or an hour with Docker',
  'outlived-its-job': 'the task still runs ten minutes after GitHub said that its job is over',
  'below-limits': 'the task is within its limits; the supervisor judges whether it is idle',
  'already-stopping': 'the task was told to stop',
  'task-stopped': 'the registration’s task has stopped',
  orphaned: 'the registration was offline and had no task at two looks',
  'first-look': 'the registration looks orphaned; a second look decides',
  'runner-online': 'the runner is connected',
  'task-alive': 'the registration has a live task',
} as const;

export type Reason = keyof typeof REASONS;

/** Why a label with our prefix cannot be served. */
const UNSERVABLE = [
  'label-not-understood',
  'size-unknown',
  'labels-contradict',
  'size-not-available',
  'size-over-limit',
  'spot-not-allowed',
  'arm64-not-allowed',
  'docker-not-allowed',
  'refused-by-rule',
  'docker-size-over-limit',
  'docker-has-no-spot',
  'docker-has-its-own-disk',
] as const satisfies readonly Reason[];

export type UnservableReason = (typeof UNSERVABLE)[number];

export const isUnservable = (reason: Reason | undefined): reason is UnservableReason =>
  UNSERVABLE.some((one) => one === reason);

/** The sentence for people, with what it is about where that is known. */
export function explain(reason: Reason, detail?: string): string {
  return detail === undefined ? REASONS[reason] : `${REASONS[reason]} (${detail})`;
}
