/**
 * Why a job has not begun: a closed list. `isFault` says whether it stays so until somebody acts: `oneshot doctor --job`
 * then ends with 1. The sentences are made in this folder, from what is observed.
 */
export const WAITS = {
  // Nothing has reached us.
  'just-queued': { means: 'queued a moment ago, and its webhook has not come yet', isFault: false },
  'webhook-missing': { means: 'GitHub lists it, and no webhook came', isFault: true },
  'functions-silent': { means: 'no function has written to its log', isFault: true },
  // It is not launched here.
  'label-not-ours': { means: 'no runner of this deployment has its labels', isFault: false },
  'repository-not-allowed': { means: 'runners.yml does not allow its repository', isFault: true },
  'app-not-installed': { means: 'the App does not see its repository', isFault: true },
  unservable: { means: 'its label cannot be served', isFault: false },
  // GitHub holds it back.
  approval: { means: 'GitHub waits for an approval', isFault: false },
  'concurrency-group': {
    means: 'GitHub waits for another job or run of its concurrency group',
    isFault: false,
  },
  'held-by-github': { means: 'max-parallel or a concurrency group holds it back', isFault: false },
  'runner-group': { means: 'its runner group may not include the repository', isFault: true },
  'over-a-day': { means: 'it was queued for a day, after which GitHub fails it', isFault: false },
  // A launch that did not come about.
  'launch-refused': { means: 'GitHub or AWS refused its launch; that passes by itself', isFault: false },
  'launch-refused-for-good': {
    means: 'its launch is refused until somebody corrects something',
    isFault: true,
  },
  'launch-unanswered': { means: 'no answer says whether its launch happened', isFault: false },
  'left-to-reconcile': { means: 'reconcile launches it', isFault: false },
  'reconcile-late': { means: 'reconcile should have launched it by now', isFault: true },
  'concurrency-limit': { means: 'a limit of runners.yml on what runs at once is reached', isFault: false },
  'backing-off': { means: 'its last launch failed, and the next one is not due yet', isFault: false },
  'task-failed': { means: 'its task has stopped without running it', isFault: false },
  // A launch that is under way.
  displaced: { means: 'another job took its runner', isFault: false },
  network: { means: 'its task gets its place and its network', isFault: false },
  pull: { means: 'its task pulls the image', isFault: false },
  start: { means: 'its container starts', isFault: false },
  connect: { means: 'its runner connects to GitHub', isFault: false },
  assign: { means: 'its runner is ready, and GitHub has not given it the job', isFault: false },
  stopping: { means: 'its task stops', isFault: false },
  unexplained: { means: 'nothing that was read says why', isFault: true },
} as const satisfies Readonly<Record<string, { readonly means: string; readonly isFault: boolean }>>;

export type WaitKind = keyof typeof WAITS;

/** Why one job waits, in a sentence or two with what to do, if anything. */
export interface Wait {
  readonly kind: WaitKind;
  readonly text: string;
}

export const wait = (kind: WaitKind, ...sentences: readonly (string | undefined)[]): Wait => ({
  kind,
  text: sentences.filter((sentence) => sentence !== undefined && sentence !== '').join(' '),
});
