import { createPrivateKey, type KeyObject } from 'node:crypto';

/** What the three files of a JIT config say, as far as the stand-in needs it. */
export interface RunnerConfig {
  readonly serverUrl: string;
  readonly clientId: string;
  /** Whom a token's assertion is for; the token is asked for there too, where no other address is named (WIRE-10). */
  readonly authorizationUrl: string;
  readonly oauthEndpointUrl?: string;
  readonly key: KeyObject;
  /** File name to content, as the listener writes them into its root. */
  readonly files: Readonly<Record<string, string>>;
}

interface Settings {
  readonly serverUrl: string;
}

interface Credentials {
  readonly data: Pick<RunnerConfig, 'clientId' | 'authorizationUrl' | 'oauthEndpointUrl'>;
}

type RsaParameters = Readonly<
  Record<'modulus' | 'exponent' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'inverseQ', string>
>;

/** Reads `encoded_jit_config`. Throws on any other text, as the listener does (it exits 1). */
export function readJitConfig(encoded: string): RunnerConfig {
  const outer = JSON.parse(decode(encoded)) as Readonly<Record<string, string>>;
  const files = Object.fromEntries(Object.entries(outer).map(([name, content]) => [name, decode(content)]));
  const read = (name: string): unknown => JSON.parse((files[name] ?? '').replace(/^\uFEFF/, ''));
  const { serverUrl } = read('.runner') as Settings;
  const { data } = read('.credentials') as Credentials;
  return { serverUrl, ...data, key: readKey(read('.credentials_rsaparams') as RsaParameters), files };
}

const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

function readKey({ modulus, exponent, d, p, q, dp, dq, inverseQ }: RsaParameters): KeyObject {
  const url = (text: string) => Buffer.from(text, 'base64').toString('base64url');
  const jwk = {
    kty: 'RSA',
    n: url(modulus),
    e: url(exponent),
    d: url(d),
    p: url(p),
    q: url(q),
    dp: url(dp),
    dq: url(dq),
    qi: url(inverseQ),
  };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}
