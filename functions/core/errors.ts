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

export interface ServiceErrorFacts {
  readonly service: 'github' | 'ecs' | 'kms' | 'ssm' | 'sqs';
  readonly operation: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The service's own request id, for its support. */
  readonly requestId?: string;
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

/** An error and its causes in one line, for a log: names and messages, no stack and no payload. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `; caused by ${describeError(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
}
