/** Configuration that cannot be used: every problem at once, each naming the key and the fix. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[]) {
    super(
      `${subject} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** What has to be corrected before GitHub accepts a call, where its answer tells (REMEDIES in remedies.ts). */
export type GitHubFault =
  | 'app-key'
  | 'app-id'
  | 'app-not-installed'
  | 'app-suspended'
  | 'app-permission'
  | 'rerun-permission'
  | 'runner-group';

export interface ServiceErrorFacts {
  readonly service: 'github' | 'ecs' | 'kms' | 'ssm' | 'sqs' | 'cloudwatch' | 'sns';
  readonly operation: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The service's own request id, for its support. */
  readonly requestId?: string;
  readonly fault?: GitHubFault;
}

/** A call to GitHub or AWS that failed: says which, with the service's request id. Carries no payload. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly facts: ServiceErrorFacts;

  constructor(facts: ServiceErrorFacts, message: string, options?: ErrorOptions) {
    const status = facts.status === undefined ? 'no answer' : `status ${facts.status}`;
    const request = facts.requestId === undefined ? '' : `, request ${facts.requestId}`;
    super(`${facts.service} ${facts.operation}: ${message} (${status}${request})`, options);
    this.facts = facts;
  }
}

/** An error and its causes in one line, for a log: names and messages, each once; no stack and no payload. */
export function describeError(error: unknown): string {
  const told: string[] = [];
  for (const one of causesOf(error, MOST_CAUSES)) {
    const message = inOneLine(one instanceof Error ? one.message : String(one));
    // An error that wraps another repeats its words.
    if (told.some((earlier) => earlier.includes(message))) continue;
    told.push(one instanceof Error ? `${one.name}: ${message}` : message);
  }
  return told.join('; caused by ');
}

/** A cause can lead back to its own effect. */
const MOST_CAUSES = 5;

function causesOf(error: unknown, most: number): unknown[] {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined || most === 0 ? [error] : [error, ...causesOf(cause, most - 1)];
}

const inOneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');
