import { verifyWithFallback } from '@octokit/webhooks-methods';
import type { ParameterStore } from '../aws/parameters.ts';

/**
 * Whether a signature is that of the body under a secret in force. Two secrets may be, so that one can be rotated
 * without losing a delivery; and a secret changed a moment ago is read again before a delivery is turned away.
 */
export async function verifySignature(
  parameters: ParameterStore,
  body: string,
  signature: string,
): Promise<boolean> {
  if (await matches(parameters, body, signature)) return true;
  return (await parameters.refresh()) && matches(parameters, body, signature);
}

async function matches(parameters: ParameterStore, body: string, signature: string): Promise<boolean> {
  const [current, ...others] = (await parameters.get()).webhookSecrets;
  return verifyWithFallback(current, body, signature, others);
}
