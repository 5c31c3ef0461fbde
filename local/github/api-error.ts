/** A refusal in GitHub's words. */
export class ApiError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly string[] | undefined;

  constructor(
    status: number,
    message: string,
    more: { headers?: Readonly<Record<string, string>>; errors?: readonly string[] } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.headers = more.headers ?? {};
    this.errors = more.errors;
  }

  /** The JSON body of the answer. */
  body(documentationUrl: string): Record<string, unknown> {
    const errors = this.errors === undefined ? {} : { errors: this.errors };
    return {
      message: this.message,
      ...errors,
      documentation_url: documentationUrl,
      status: `${this.status}`,
    };
  }
}

export const notFound = () => new ApiError(404, 'Not Found');
/** docs.github.com, Suspending a GitHub App installation. */
export const suspended = () => new ApiError(403, 'This installation has been suspended');
export const badCredentials = () => new ApiError(401, 'Bad credentials');
