/** What a manifest may be (github.com/opencontainers/distribution-spec, Pulling manifests; and Docker's). */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const TIMEOUT_MS = 10_000;

interface ImageName {
  readonly registry: string;
  readonly repository: string;
  readonly reference: string;
}

/** The parts of an image's name; what has no host is Docker Hub's. */
export function readImageName(name: string): ImageName {
  const [, path = '', tag, digest] =
    /^(.+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(name) ?? [];
  const [first = '', ...rest] = path.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const repository = hasHost ? rest.join('/') : rest.length > 0 ? path : `library/${path}`;
  return {
    registry: hasHost ? first : 'registry-1.docker.io',
    repository,
    reference: digest ?? tag ?? 'latest',
  };
}

/** Whether a registry has the image, as everybody may ask; `undefined` where it wants to know who asks. */
export async function isInRegistry(name: string): Promise<boolean | undefined> {
  const { status } = await askForManifest(name, 'HEAD');
  if (status === 200) return true;
  return status === 404 ? false : undefined;
}

/** What a registry answers to a question for an image's manifest, as everybody may ask. */
export async function askForManifest(name: string, method: 'HEAD' | 'GET'): Promise<Response> {
  const { registry, repository, reference } = readImageName(name);
  // As Docker: a registry on this machine is asked without TLS.
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(registry) ? 'http' : 'https';
  const url = `${scheme}://${registry}/v2/${repository}/manifests/${reference}`;
  const ask = (token?: string) =>
    fetch(url, {
      method,
      headers: { accept: ACCEPT, ...(token && { authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  const first = await ask();
  const token =
    first.status === 401 ? await anonymousToken(first.headers.get('www-authenticate') ?? '') : undefined;
  return token === undefined ? first : ask(token);
}

/** Registries give anybody a token for what is public (distribution.github.io: Token authentication). */
async function anonymousToken(challenge: string): Promise<string | undefined> {
  const parts = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const realm = parts.get('realm');
  if (!/^bearer /i.test(challenge) || realm === undefined) return undefined;
  const url = new URL(realm);
  for (const name of ['service', 'scope'])
    if (parts.has(name)) url.searchParams.set(name, parts.get(name) ?? '');
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const { token, access_token } = Object(await answer.json().catch(() => ({}))) as Record<
    string,
    string | undefined
  >;
  return token ?? access_token;
}
