/**
 * How a task ended, as the supervisor (`image/entrypoint.sh`) says it in the exit code of container `runner`.
 * The head of that script holds the same table; a test keeps both equal.
 */
export const EXIT_CODES = {
  0: 'ran-succeeded',
  10: 'ran-failed',
  11: 'ran-cancelled',
  12: 'ran-abandoned',
  13: 'ran-result-unknown',
  14: 'ran-rejected',
  15: 'ran-out-of-memory',
  16: 'ran-out-of-disk',
  17: 'ran-docker-lost',
  20: 'idle',
  21: 'never-connected',
  22: 'registration-gone',
  23: 'version-deprecated',
  24: 'config-not-unsealed',
  25: 'assignment-lost',
  26: 'listener-failed',
  27: 'docker-not-ready',
  30: 'interrupted-before-job',
  31: 'interrupted-during-job',
  32: 'over-maximum-age',
  64: 'bad-configuration',
} as const;

export type TaskEnding = (typeof EXIT_CODES)[keyof typeof EXIT_CODES] | 'unexplained';

/** The meaning of an exit code; `unexplained` for one that the supervisor never gives (killed, crashed, absent). */
export function taskEnding(exitCode: number | undefined): TaskEnding {
  return EXIT_CODES[exitCode as keyof typeof EXIT_CODES] ?? 'unexplained';
}

/** True where the task ran a job, whatever came of it. */
export const ranAJob = (ending: TaskEnding): boolean =>
  ending.startsWith('ran-') || ending === 'interrupted-during-job' || ending === 'over-maximum-age';

/** True where the supervisor says that the task ran no job. Of one that was killed nobody knows: it is neither. */
export const ranNoJob = (ending: TaskEnding): boolean => ending !== 'unexplained' && !ranAJob(ending);

/**
 * True where a job ran to a normal end. GitHub has then removed the ephemeral registration itself (GH-24), and nothing is
 * in doubt. A failure that GitHub could not be told of looks the same to the listener (LISTENER-37): the sweep then finds
 * the registration, and GitHub's lease ends the job.
 */
export function ranToNormalEnd(ending: TaskEnding): boolean {
  return ending === 'ran-succeeded' || ending === 'ran-failed' || ending === 'ran-cancelled';
}
