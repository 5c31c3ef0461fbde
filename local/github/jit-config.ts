/**
 * JIT configs: what `Runner.Listener` reads from ACTIONS_RUNNER_INPUT_JITCONFIG, base64 of a JSON object of
 * three base64 files (actions/runner src/Runner.Listener/Runner.cs). It carries the runner's private key.
 */
import { createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** A 2048-bit key takes up to a second to make, so a few are made ahead and shared by runners. */
const POOL_SIZE = 4;

interface RunnerKey {
  readonly publicKey: KeyObject;
  readonly parameters: Readonly<Record<string, string>>;
}

const generate = promisify(generateKeyPair);

/** .NET's RSAParameters, as `.credentials_rsaparams` holds them: `d` as long as the modulus, the others half as long. */
function rsaParameters(jwk: JsonWebKey): Record<string, string> {
  const bytes = (value: string | undefined) => Buffer.from(value ?? '', 'base64url');
  const size = bytes(jwk.n).length;
  const padded = (value: string | undefined, length: number) =>
    Buffer.concat([Buffer.alloc(Math.max(0, length - bytes(value).length)), bytes(value)]).toString('base64');
  return {
    d: padded(jwk.d, size),
    dp: padded(jwk.dp, size / 2),
    dq: padded(jwk.dq, size / 2),
    exponent: padded(jwk.e, 0),
    inverseQ: padded(jwk.qi, size / 2),
    modulus: padded(jwk.n, size),
    p: padded(jwk.p, size / 2),
    q: padded(jwk.q, size / 2),
  };
}

async function makeKey(): Promise<RunnerKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  return { publicKey, parameters: rsaParameters(privateKey.export({ format: 'jwk' })) };
}

export interface KeyPool {
  take(): Promise<RunnerKey>;
}

/**
 * Makes the first key at once and another with each that is taken, until there are `size`; from then on
 * they are given out in turn. A taker waits only for the first.
 */
export function createKeyPool(size: number = POOL_SIZE): KeyPool {
  const first = makeKey();
  const ready: RunnerKey[] = [];
  let started = 1;
  let taken = 0;
  const keep = (key: RunnerKey) => void ready.push(key);
  void first.then(keep);
  return {
    async take() {
      const key = ready[taken++ % Math.max(1, ready.length)] ?? (await first);
      if (started++ < size) void makeKey().then(keep);
      return key;
    },
  };
}

export interface JitIdentity {
  readonly runnerId: number;
  readonly runnerName: string;
  readonly clientId: string;
  readonly key: RunnerKey;
  readonly workFolder: string;
  /** The broker's base, with its trailing slash. */
  readonly serverUrl: string;
  /** The page of the scope. */
  readonly gitHubUrl: string;
}

export const authorizationUrl = (serverUrl: string): string => `${serverUrl}oauth2/token`;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value, null, 2)).toString('base64');

/** The text that generate-jitconfig answers as `encoded_jit_config`. */
export function encodeJitConfig(identity: JitIdentity): string {
  const { runnerId, runnerName, clientId, key, workFolder, serverUrl, gitHubUrl } = identity;
  const runner = {
    agentId: runnerId,
    agentName: runnerName,
    poolId: 1,
    poolName: 'Default',
    serverUrl,
    gitHubUrl,
    workFolder,
    useV2Flow: true,
    serverUrlV2: serverUrl,
    DisableUpdate: 'True',
    Ephemeral: 'True',
  };
  const credentials = { scheme: 'OAuth', data: { clientId, authorizationUrl: authorizationUrl(serverUrl) } };
  const files = {
    '.runner': encode(runner),
    '.credentials': encode(credentials),
    '.credentials_rsaparams': encode(key.parameters),
  };
  return Buffer.from(JSON.stringify(files)).toString('base64');
}

/** A key pair for an App, as GitHub's settings page makes them. For tests and for `npm start`. */
export async function generateAppKey(): Promise<{ privateKeyPem: string; publicKeyPem: string }> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 });
  return {
    privateKeyPem: String(privateKey.export({ type: 'pkcs1', format: 'pem' })),
    publicKeyPem: String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })),
  };
}
