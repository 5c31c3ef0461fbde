import { gzipSync } from 'node:zlib';
import { EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { SealOutcome } from '../core/words/outcomes.ts';
import { readFailure } from './sdk-failure.ts';

/** KMS encrypts 4,096 bytes at most (AWS-31). */
const LARGEST_PLAINTEXT_BYTES = 4096;

export interface SealOptions {
  readonly keyArn: string;
  /** First half of the encryption context; the policies of key and task role name it. */
  readonly stack: string;
}

/**
 * Seals a JIT config for the task of one runner: base64 undone once, deflated (4.3 KB become 2.2), encrypted under
 * the context {stack, runner}. `image/entrypoint.sh` does the reverse.
 */
export async function sealConfig(
  client: KMSClient,
  { keyArn, stack }: SealOptions,
  encodedJitConfig: string,
  runnerName: string,
  signal: AbortSignal,
): Promise<SealOutcome> {
  const plaintext = gzipSync(Buffer.from(encodedJitConfig, 'base64'), { level: 9 });
  if (plaintext.length > LARGEST_PLAINTEXT_BYTES)
    return {
      kind: 'refused',
      refusal: 'invalid-request',
      detail: `the deflated JIT config has ${plaintext.length} bytes, KMS takes ${LARGEST_PLAINTEXT_BYTES}`,
    };
  const command = new EncryptCommand({
    KeyId: keyArn,
    Plaintext: plaintext,
    EncryptionContext: { stack, runner: runnerName },
  });
  try {
    const { CiphertextBlob } = await client.send(command, { abortSignal: signal });
    if (CiphertextBlob === undefined)
      return { kind: 'unknown', detail: 'KMS Encrypt answered without a ciphertext' };
    return { kind: 'sealed', sealedConfig: Buffer.from(CiphertextBlob).toString('base64') };
  } catch (error) {
    return sealFailure(error);
  }
}

/** SealOptions changes nothing outside, so it may be retried and its outcome is never really in doubt. */
function sealFailure(error: unknown): SealOutcome {
  const { name, message, status } = readFailure(error);
  const detail = `KMS Encrypt: ${name}: ${message}`;
  if (status === undefined || status >= 500) return { kind: 'unknown', detail };
  if (name === 'ThrottlingException') return { kind: 'refused', refusal: 'throttled', detail };
  const refusal =
    name === 'AccessDeniedException'
      ? 'not-permitted'
      : name === 'NotFoundException'
        ? 'not-found'
        : 'invalid-request';
  return { kind: 'refused', refusal, detail };
}
