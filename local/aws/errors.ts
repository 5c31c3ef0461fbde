import type { Decision } from './iam/evaluate.ts';

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

/** The codes of the services that do not say AccessDeniedException (their API references, "Common errors"). */
const DENIED_CODES: Readonly<Record<string, string>> = {
  cloudformation: 'AccessDenied',
  ec2: 'UnauthorizedOperation',
  iam: 'AccessDenied',
  s3: 'AccessDenied',
  sns: 'AuthorizationError',
  sts: 'AccessDenied',
};

/** IAM's refusal, with the wording that IAM uses (IAM user guide, "Troubleshoot access denied error messages"). */
export function accessDenied(
  principalArn: string,
  action: string,
  resource: string,
  { api = '', decision = 'implicitDeny' }: { readonly api?: string; readonly decision?: Decision } = {},
): AwsError {
  const because =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
  const code = DENIED_CODES[api];
  return code === undefined
    ? new AwsError('AccessDeniedException', message)
    : new AwsError(code, message, 403);
}
