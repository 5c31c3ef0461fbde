import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WorldClock } from '../world/clock.ts';
import { AwsError } from './errors.ts';
import type { AccessKey, Keyring } from './keyring.ts';

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface SignatureScope {
  readonly region: string;
  /** Name of the service in the credential scope (`ecs`, `kms`, ...). */
  readonly service: string;
}

export interface Verified {
  readonly key: AccessKey;
  /** The clock that the caller lives by: see `verifySignature`. */
  readonly callerClock: 'world' | 'real';
}

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const FRESH_MS = 5 * 60_000;

/**
 * Checks a Signature Version 4 (AWS General Reference: "Create a signed AWS API request"; signed are the host
 * and every x-amz-* header). A signature is fresh within 5 minutes of the world's clock, by which functions
 * live, or of the real one, by which tasks and people live.
 */
export function verifySignature(
  request: SignedRequest,
  scope: SignatureScope,
  keyring: Keyring,
  clock: WorldClock,
): Verified {
  const authorization = parseAuthorization(header(request, 'authorization'));
  const key = keyring.find(authorization.accessKeyId);
  if (!key) throw invalidToken();
  const timestamp = header(request, 'x-amz-date') ?? '';
  checkScope(authorization, scope, timestamp);
  checkSignedHeaders(request, authorization);
  checkSignature(request, authorization, key, timestamp);
  checkSession(request, key, clock);
  return { key, callerClock: checkFreshness(timestamp, clock) };
}

function parseAuthorization(value: string | undefined): Authorization {
  if (!value) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;
  const [, accessKeyId, date, region, service, headers, signature] = pattern.exec(value.trim()) ?? [];
  if (!accessKeyId || !date || !region || !service || !headers || !signature) {
    throw new AwsError(
      'IncompleteSignatureException',
      'Authorization header is not a complete AWS4-HMAC-SHA256 signature.',
    );
  }
  return { accessKeyId, date, region, service, signedHeaders: headers.split(';'), signature };
}

function checkScope(authorization: Authorization, scope: SignatureScope, timestamp: string): void {
  if (authorization.region !== scope.region) {
    throw invalidSignature(
      `Credential should be scoped to a valid region, not '${authorization.region}'. Expected '${scope.region}'.`,
    );
  }
  if (authorization.service !== scope.service) {
    throw invalidSignature(`Credential should be scoped to correct service: '${scope.service}'.`);
  }
  if (!timestamp.startsWith(authorization.date)) {
    throw invalidSignature('Date in Credential scope does not match the x-amz-date of the request.');
  }
}

function checkSignedHeaders(request: SignedRequest, { signedHeaders }: Authorization): void {
  const present = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const unsigned = present.filter((name) => !signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw invalidSignature(`'${unsigned.join("', '")}' must be a 'SignedHeader' in the AWS Authorization.`);
}

function checkSignature(
  request: SignedRequest,
  authorization: Authorization,
  key: AccessKey,
  timestamp: string,
): void {
  const { date, region, service, signedHeaders } = authorization;
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    timestamp,
    `${date}/${region}/${service}/aws4_request`,
    sha256(canonicalRequest(request, signedHeaders, service === 's3')),
  ].join('\n');
  const signingKey = [date, region, service, 'aws4_request'].reduce(
    (hmacKey: string | Buffer, part) => hmac(hmacKey, part),
    `AWS4${key.secretAccessKey}`,
  );
  const expected = hmac(signingKey, stringToSign);
  if (timingSafeEqual(expected, Buffer.from(authorization.signature, 'hex'))) return;
  throw invalidSignature(
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  );
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[], isS3: boolean): string {
  const [path = '/', query = ''] = request.url.split('?', 2);
  const headers = signedHeaders.map((name) => `${name}:${canonicalValue(header(request, name))}\n`);
  return [
    request.method,
    // S3 signs the path as it is, and says itself what it signed of the body (S3 API reference, "Signature calculations").
    isS3 ? path : path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    isS3 ? header(request, 'x-amz-content-sha256') : sha256(request.body),
  ].join('\n');
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.sort().join('&');
}

function checkSession(request: SignedRequest, key: AccessKey, clock: WorldClock): void {
  if (header(request, 'x-amz-security-token') !== key.sessionToken) throw invalidToken();
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= clock.nowMs()) {
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
  }
}

function checkFreshness(timestamp: string, clock: WorldClock): Verified['callerClock'] {
  const signedAtMs = Date.parse(
    timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  const worldDistanceMs = Math.abs(signedAtMs - clock.nowMs());
  const realDistanceMs = Math.abs(signedAtMs - Date.now());
  if (Math.min(worldDistanceMs, realDistanceMs) <= FRESH_MS) {
    return realDistanceMs < worldDistanceMs ? 'real' : 'world';
  }
  throw invalidSignature(`Signature expired: ${timestamp} is not within 5 min. of ${clock.nowIso()}`);
}

function header(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

const canonicalValue = (value: string | undefined) => (value ?? '').trim().replace(/\s+/g, ' ');
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
const invalidSignature = (message: string) => new AwsError('InvalidSignatureException', message);
const invalidToken = () =>
  new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
