import { ServiceError, type ServiceErrorFacts } from '../core/words/errors.ts';

/** The parts of an AWS SDK exception that are of use, whatever was thrown. */
export interface SdkFailure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly attempts: number;
  readonly requestId: string | undefined;
}

export function readFailure(error: unknown): SdkFailure {
  const { name, message, $metadata } = (error ?? {}) as Partial<Error> & {
    $metadata?: { httpStatusCode?: number; attempts?: number; requestId?: string };
  };
  return {
    name: name ?? 'Error',
    message: message ?? String(error),
    status: $metadata?.httpStatusCode,
    attempts: $metadata?.attempts ?? 1,
    requestId: $metadata?.requestId,
  };
}

/** Runs a call, turning what the SDK throws into a ServiceError that names the operation. */
export async function callNamed<T>(
  service: ServiceErrorFacts['service'],
  operation: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name, message, status, requestId } = readFailure(error);
    const facts = {
      service,
      operation,
      ...(status !== undefined && { status }),
      ...(requestId && { requestId }),
    };
    throw new ServiceError(facts, `${name}: ${message}`, { cause: error });
  }
}
