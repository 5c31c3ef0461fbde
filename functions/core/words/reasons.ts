/**
 * Why something was done, left alone or not served: a closed list, each with the sentence that a person reads.
 * Nothing is logged, answered or counted with a reason that is not here.
 */
export const REASONS = {
  // A delivery that is not ours, or not yet.
  ping: 'GitHub checks that the webhook answers',
  'event-not-handled': 'only workflow_job events are handled; unsubscribe the App from the others',
  'action-not-queued': 'only queued jobs want a runner',
  'waiting-for-approval': 'the job waits for an environment approval; GitHub sends another event after it',
  'waiting-for-concurrency-group': 'the job waits for another job or run of its concurrency group to end',
  'already-started': 'the job runs already; the delivery came late or was sent again',
  'already-completed': 'the job has ended already: cancelled early, or the delivery was sent again',
  'status-not-queued': 'the job is in a status in which no runner can take it',
  'label-missing': 'no label of the job starts with our prefix',
  'label-not-ours': 'the job asks for a label that no runner of ours has',
  'repository-not-allowed': 'the repository is not in allow.repositories of runners.yml',
  'public-repository-not-allowed': 'the repository is public and not named in allow.publicRepositories',
  // A label with our prefix that cannot be served.
  'label-not-understood': 'the label has our prefix but not our grammar',
  'size-unknown': 'the named size is not in runners.yml',
  'labels-contradict': 'two labels of the job ask for different things',
  'size-not-available': 'Fargate has no size so large',
  'size-over-limit': 'the size is over a limit of runners.yml',
  'spot-not-allowed': 'runners.yml does not allow Spot',
  'arm64-not-allowed': 'runners.yml does not allow arm64',
  // A launch.
  launched: 'a task was started for the job',
  taken: 'this launch was made before; its registration or task exists',
  refused: 'GitHub or AWS refused the launch; nothing was started',
  unknown: 'no answer says whether the launch happened',
  'job-malformed': 'the job in the delivery cannot be read; reconcile asks GitHub for the repository’s jobs',
  'in-doubt': 'the repository is in the doubt queue; reconcile launches what is missing',
  'event-too-old': 'the event is old: whether the job still waits is for reconcile to see',
  'launched-before': 'a runner was started for the job, which still waits; reconcile counts who has which',
  cooling: 'GitHub or AWS asked this process to wait; reconcile launches in its place',
  // A job that a runner has taken, and a task that has stopped.
  marked: 'the task now says which job it runs',
  swapped: 'the job was taken by a runner that another job had been counted for',
  'runner-unknown': 'the job runs on a runner that is none of ours, or no longer shown',
  'owner-not-allowed': 'the owner is not in allow.repositories of runners.yml; nothing it says is believed',
  'mark-does-not-fit':
    'the runner that took the job has the name of ours and not its id, or is of another scope',
  'job-ended':
    'a job has ended on a runner of ours: its task ends too, and jobs of its run that no runner was given to may have their turn',
  // A doubt that is given up.
  'repository-gone':
    'GitHub does not show the repository to the App any more; the sweep finds it where it comes back',
  'repository-unreadable':
    'the repository could not be read, look after look; the sweep’s rotation goes on asking',
  'launches-refused':
    'GitHub or AWS refused every launch, round after round, for a reason that waiting does not cure',
  'doubt-too-old': 'the doubt was put back for a day; the sweep’s rotation raises a new one',
  // A reconcile.
  matched: 'a live task counts for the job',
  'backing-off': 'the last launch for the job is too recent',
  'not-runnable-yet':
    'GitHub gave the job to none of its runners, though others of its run have run: max-parallel or a concurrency group keeps it back',
  'group-excludes-repository':
    'GitHub gave the job to none of its runners: look whether the runner group leaves the repository out (runnerGroupId in runners.yml)',
  'over-a-day': 'the job was queued for a day, after which GitHub fails it; no runner is started for it',
  'at-concurrency-limit': 'a limit under concurrency in runners.yml is reached; the job waits',
  'rejections-over-limit':
    'as many rejection tasks as rejections.maximumPerHour in runners.yml allows were started',
  'concurrency-limited': 'runners.yml limits how much runs at once, which reconcile counts',
  // A sweep.
  'over-maximum-age': 'the task is RUNNING for longer than timeouts.maximumAgeSeconds',
  'over-boot-limit': 'the task has not reached RUNNING within timeouts.bootSeconds',
  'outlived-its-job': 'the task still runs ten minutes after GitHub’s word that its job is over',
  'below-limits': 'the task is within its limits; idleness is the supervisor’s to judge',
  'already-stopping': 'the task was told to stop',
  'task-stopped': 'the registration’s task has stopped',
  orphaned: 'the registration is offline and has no task, at two looks a grace apart',
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
] as const satisfies readonly Reason[];

export type UnservableReason = (typeof UNSERVABLE)[number];

export const isUnservable = (reason: Reason | undefined): reason is UnservableReason =>
  UNSERVABLE.some((one) => one === reason);

/** The sentence for people, with what it is about where that is known. */
export function explain(reason: Reason, detail?: string): string {
  return detail === undefined ? REASONS[reason] : `${REASONS[reason]} (${detail})`;
}
