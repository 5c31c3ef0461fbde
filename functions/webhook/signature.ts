import { Webhooks } from '@octokit/webhooks';
import type { ParameterStore } from '../aws/parameters.ts';

/** GH-5: HMAC-SHA256 of the body, in hexadecimal. */
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/**
 * Whether a signature is that of the body under a secret in force. Two secrets may be, so that one can be rotated
 * without losing a delivery; and a secret changed a moment ago is read again before a delivery is turned away. What
 * cannot be a signature of GitHub's costs no read, and `verify` throws on an empty body.
 */
export async function verifySignature(
  parameters: ParameterStore,
  body: string,
  signature: string,
): Promise<boolean> {
  if (body === '' || !SIGNATURE.test(signature)) return false;
  if (await matches(parameters, body, signature)) return true;
  // Anyone can cause this read. Where it fails the secrets held stand: the sender is a stranger as far as is known.
  const isRead = await parameters.refresh().catch(() => false);
  return isRead && matches(parameters, body, signature);
}

/** An instance of Webhooks has one secret. */
async function matches(parameters: ParameterStore, body: string, signature: string): Promise<boolean> {
  for (const secret of (await parameters.get()).webhookSecrets)
    if (await new Webhooks({ secret }).verify(body, signature)) return true;
  return false;
}
