import { createHash } from 'node:crypto';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
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
const COMPACT_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/**
 * Checks a Signature Version 4 by signing the request again (AWS General Reference: "Create a signed AWS API request";
 * signed are the host and every x-amz-* header). A signature is fresh within 5 minutes of the world's clock, by which
 * functions live, or of the real one, by which tasks and people live. Throws AwsError.
 */
export async function verifySignature(
  request: SignedRequest,
  scope: SignatureScope,
  keyring: Keyring,
  clock: WorldClock,
): Promise<Verified> {
  const authorization = parseAuthorization(header(request, 'authorization'));
  const key = keyring.find(authorization.accessKeyId);
  if (!key) throw invalidToken();
  const timestamp = header(request, 'x-amz-date') ?? '';
  const signedAtMs = Date.parse(timestamp.replace(COMPACT_DATE, '$1-$2-$3T$4:$5:$6Z'));
  checkScope(authorization, scope, timestamp);
  checkSignedHeaders(request, authorization);
  const callerClock = checkFreshness(signedAtMs, timestamp, clock);
  checkBody(request, scope);
  if ((await sign(request, authorization, key, signedAtMs)) !== authorization.signature)
    throw invalidSignature(MISMATCH);
  checkSession(request, key, clock);
  return { key, callerClock };
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

/** S3 takes what a header says of the body (S3 API reference, "Signature calculations"); other services look. */
function checkBody(request: SignedRequest, { service }: SignatureScope): void {
  const told = header(request, 'x-amz-content-sha256');
  const isTrue = createHash('sha256').update(request.body).digest('hex') === told;
  if (service !== 's3' && told !== undefined && !isTrue) throw invalidSignature(MISMATCH);
}

/** The signature that this key's holder gives a request: of the headers that it says are signed. */
async function sign(
  { method, url, headers, body }: SignedRequest,
  { accessKeyId, region, service, signedHeaders }: Authorization,
  { secretAccessKey }: AccessKey,
  signedAtMs: number,
): Promise<string | undefined> {
  const [path = '/', search = ''] = url.split('?', 2);
  const query = new URLSearchParams(search);
  const signed = signedHeaders.map((name) => [name, String(headers[name] ?? '')]);
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Hash.bind(null, 'sha256'),
    applyChecksum: false,
    uriEscapePath: service !== 's3',
  });
  const again = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: 'localhost',
      path,
      body,
      query: Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)])),
      headers: Object.fromEntries(signed),
    },
    { signingDate: new Date(signedAtMs), signableHeaders: new Set(signedHeaders) },
  );
  return /[0-9a-f]{64}$/.exec(again.headers['authorization'] ?? '')?.[0];
}

function checkSession(request: SignedRequest, key: AccessKey, clock: WorldClock): void {
  if (header(request, 'x-amz-security-token') !== key.sessionToken) throw invalidToken();
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= clock.nowMs()) {
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
  }
}

function checkFreshness(signedAtMs: number, timestamp: string, clock: WorldClock): Verified['callerClock'] {
  const worldDistanceMs = Math.abs(signedAtMs - clock.nowMs());
  const realDistanceMs = Math.abs(signedAtMs - Date.now());
  if (Math.min(worldDistanceMs, realDistanceMs) <= FRESH_MS)
    return realDistanceMs < worldDistanceMs ? 'real' : 'world';
  throw invalidSignature(`Signature expired: ${timestamp} is not within 5 min. of ${clock.nowIso()}`);
}

function header(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

const invalidSignature = (message: string) => new AwsError('InvalidSignatureException', message);
const invalidToken = () =>
  new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
