/** An answer of AWS that says no, in the terms of its JSON protocol. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  /** The exception's shape name, which the SDK makes the error's `name`. */
  readonly code: string;
  readonly status: number;
  /** Further members of the exception, such as `resourceIds`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, members: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** IAM's refusal, with the wording that IAM uses. */
export function accessDenied(principalArn: string, action: string, resource: string): AwsError {
  const message =
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ` +
    `because no identity-based policy allows the ${action} action`;
  return new AwsError('AccessDeniedException', message);
}
