import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  CreateGrant$,
  type CreateGrantRequest,
  type CreateGrantResponse,
  Decrypt$,
  type DecryptRequest,
  type DecryptResponse,
  Encrypt$,
  type EncryptRequest,
  type EncryptResponse,
  ReEncrypt$,
  type ReEncryptRequest,
  type ReEncryptResponse,
} from '@aws-sdk/client-kms';
import { AwsError, accessDenied } from './errors.ts';
import type { Principal } from './keyring.ts';
import { operation, type Service } from './service.ts';

type EncryptionContext = Readonly<Record<string, string>>;

/** The stack's key: what KMS itself does with it, without asking who calls. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly alias: string;
  encrypt(plaintext: Uint8Array, context: EncryptionContext): Uint8Array;
  /** Throws InvalidCiphertextException when blob and context do not belong together. */
  decrypt(blob: Uint8Array, context: EncryptionContext): Uint8Array;
}

const FORMAT = 1;
const ID_BYTES = 36;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES + IV_BYTES;
/** docs.aws.amazon.com KMS API Reference, Encrypt: Plaintext. */
const MAXIMUM_PLAINTEXT_BYTES = 4096;

export function createKey(parts: { id: string; arn: string; alias: string }): Key {
  const secret = randomBytes(32);
  return {
    ...parts,
    encrypt(plaintext, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(additionalData(parts.arn, context));
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      const head = Buffer.concat([Buffer.of(FORMAT), Buffer.from(parts.id, 'latin1'), iv]);
      return new Uint8Array(Buffer.concat([head, ciphertext, cipher.getAuthTag()]));
    },
    decrypt(blob, context) {
      const bytes = Buffer.from(blob);
      if (!isOurs(bytes, parts.id)) throw invalidCiphertext();
      const iv = bytes.subarray(1 + ID_BYTES, HEADER_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', secret, iv)
        .setAAD(additionalData(parts.arn, context))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const body = bytes.subarray(HEADER_BYTES, -TAG_BYTES);
        return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
      } catch {
        throw invalidCiphertext();
      }
    },
  };
}

/** KMS over one key, with the stack's key policy and the roles' policies on encryption contexts. */
export function createKms(key: Key, stack: string): Service {
  return {
    api: 'kms',
    target: 'TrentService',
    jsonVersion: '1.1',
    internalError: 'KMSInternalException',
    invalid: (problem) =>
      new AwsError('ValidationException', `1 validation error detected: ${problem.message}`),
    operations: {
      Encrypt: operation<EncryptRequest, EncryptResponse>(Encrypt$, (input, caller) =>
        encrypt(input, caller, key, stack),
      ),
      Decrypt: operation<DecryptRequest, DecryptResponse>(Decrypt$, (input, caller) =>
        decrypt(input, caller, key, stack),
      ),
      ReEncrypt: operation<ReEncryptRequest, ReEncryptResponse>(ReEncrypt$, (input, caller) =>
        reEncrypt(input, caller, key),
      ),
      CreateGrant: operation<CreateGrantRequest, CreateGrantResponse>(CreateGrant$, (input, caller) => {
        expectKey(input.KeyId, key);
        throw accessDenied(caller.arn, 'kms:CreateGrant', key.arn);
      }),
    },
  };
}

function encrypt(input: EncryptRequest, caller: Principal, key: Key, stack: string): EncryptResponse {
  expectKey(input.KeyId, key);
  const plaintext = input.Plaintext ?? new Uint8Array();
  expectLength('plaintext', plaintext, MAXIMUM_PLAINTEXT_BYTES);
  expectSymmetric(input.EncryptionAlgorithm);
  const context = input.EncryptionContext ?? {};
  if (caller.kind !== 'functions' || !isRunnerContext(context, stack)) {
    throw accessDenied(caller.arn, 'kms:Encrypt', key.arn);
  }
  if (input.DryRun) throw dryRun();
  const blob = key.encrypt(plaintext, context);
  return { CiphertextBlob: blob, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
}

function decrypt(input: DecryptRequest, caller: Principal, key: Key, stack: string): DecryptResponse {
  if (input.KeyId !== undefined) expectKey(input.KeyId, key);
  const blob = input.CiphertextBlob ?? new Uint8Array();
  expectLength('ciphertextBlob', blob, 6144);
  expectSymmetric(input.EncryptionAlgorithm);
  const context = input.EncryptionContext ?? {};
  if (!mayDecrypt(caller, context, stack)) throw accessDenied(caller.arn, 'kms:Decrypt', key.arn);
  const plaintext = key.decrypt(blob, context);
  if (input.DryRun) throw dryRun();
  return { Plaintext: plaintext, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
}

/**
 * Authorized twice: as ReEncryptFrom with the source context, and as ReEncryptTo with the destination context (KMS API
 * reference, ReEncrypt; developer guide, kms:EncryptionContext:context-key). Only the operator's IAM policy allows it.
 */
function reEncrypt(input: ReEncryptRequest, caller: Principal, key: Key): ReEncryptResponse {
  expectKey(input.DestinationKeyId, key);
  if (input.SourceKeyId !== undefined) expectKey(input.SourceKeyId, key);
  const blob = input.CiphertextBlob ?? new Uint8Array();
  expectLength('ciphertextBlob', blob, 6144);
  const [source, destination] = [
    input.SourceEncryptionContext ?? {},
    input.DestinationEncryptionContext ?? {},
  ];
  if (isSealedConfig(source)) throw accessDenied(caller.arn, 'kms:ReEncryptFrom', key.arn);
  if (isSealedConfig(destination)) throw accessDenied(caller.arn, 'kms:ReEncryptTo', key.arn);
  const CiphertextBlob = key.encrypt(key.decrypt(blob, source), destination);
  return { CiphertextBlob, SourceKeyId: key.arn, KeyId: key.arn };
}

/** The task role opens runners' configs of its stack, the functions what Parameter Store sealed, the operator all but configs. */
function mayDecrypt(caller: Principal, context: EncryptionContext, stack: string): boolean {
  if (caller.kind === 'task') return isRunnerContext(context, stack);
  if (isSealedConfig(context)) return false;
  return caller.kind === 'operator' || context['PARAMETER_ARN'] !== undefined;
}

/** As the key's policy knows a sealed config (infra/secrets.yml). */
const isSealedConfig = (context: EncryptionContext): boolean => context['runner'] !== undefined;

function isRunnerContext(context: EncryptionContext, stack: string): boolean {
  const keys = Object.keys(context).sort().join();
  return keys === 'runner,stack' && context['stack'] === stack && context['runner'] !== '';
}

function expectKey(id: string | undefined, key: Key): void {
  const region = key.arn.slice(0, key.arn.indexOf(':key/'));
  const names = [key.id, key.arn, key.alias, `${region}:${key.alias}`];
  if (id !== undefined && names.includes(id)) return;
  throw new AwsError('NotFoundException', `Key '${id}' does not exist`);
}

function expectLength(name: string, bytes: Uint8Array, maximum: number): void {
  const bound =
    bytes.length < 1
      ? 'greater than or equal to 1'
      : bytes.length > maximum && `less than or equal to ${maximum}`;
  if (!bound) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

function expectSymmetric(algorithm: string | undefined): void {
  if (algorithm === undefined || algorithm === 'SYMMETRIC_DEFAULT') return;
  throw new AwsError('InvalidKeyUsageException', `Algorithm ${algorithm} is incompatible with key spec.`);
}

function isOurs(bytes: Buffer, id: string): boolean {
  const longEnough = bytes.length >= HEADER_BYTES + TAG_BYTES;
  return longEnough && bytes[0] === FORMAT && bytes.toString('latin1', 1, 1 + ID_BYTES) === id;
}

function additionalData(arn: string, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([arn, pairs]));
}

const invalidCiphertext = () => new AwsError('InvalidCiphertextException', '');
const dryRun = () =>
  new AwsError('DryRunOperationException', 'The request would have succeeded, but DryRun is set.', 412);
