/** What GitHub saw of the smoke test's job, as its log tells it. */

export interface Seen {
  /** Null until the job is over. */
  readonly conclusion: string | null;
  readonly status: string;
  readonly annotation: string | null;
  readonly steps: readonly { readonly name: string; readonly conclusion: string | null }[];
  readonly log: readonly string[];
}

/** A log is for people: its end says what went wrong. */
const MOST_LINES = 1_000;

export interface Verdict {
  readonly isGreen: boolean;
  readonly text: string;
}

/** Green is a job whose `completejob` said succeeded, and no other. `secrets` are masked. */
export function judge(seen: Seen, secrets: readonly string[]): Verdict {
  const { status, conclusion, annotation, steps, log } = seen;
  const lines = [
    `the job is ${status}${conclusion === null ? '' : `: ${conclusion}`}${annotation === null ? '' : ` (${annotation})`}`,
    ...steps.map((step) => `  ${(step.conclusion ?? 'not over').padEnd(10)} ${step.name}`),
    ...(log.length > MOST_LINES ? [`[${log.length - MOST_LINES} lines before these]`] : []),
    ...log.slice(-MOST_LINES),
  ];
  const text = secrets
    .filter(Boolean)
    .reduce((all, secret) => all.replaceAll(secret, '***'), lines.join('\n'));
  return { isGreen: conclusion === 'success', text };
}
