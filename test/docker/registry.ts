import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A registry of two images, as the runner pulls each that a workflow names. Docker speaks HTTP to 127.0.0.0/8. */
export interface Registry {
  /** `127.0.0.1:PORT/busybox`: `:shell` does nothing by itself, `:web` answers each request with 404. */
  readonly image: string;
  close(): void;
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Debian's busybox, with a link for each of its commands. */
const LAYER = `
  folder=$(mktemp -d); mkdir "$folder/bin"; cp "$(command -v busybox)" "$folder/bin/busybox"
  for name in $(busybox --list); do [ "$name" = busybox ] || ln -s busybox "$folder/bin/$name"; done
  tar --create --directory "$folder" .; rm -rf "$folder"`;

export async function startRegistry(): Promise<Registry> {
  const blobs = makeImage();
  const server = createServer((request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    const blob = blobs.get(name);
    if (request.url === '/v2/') return void response.end('{}');
    if (blob === undefined) return void response.writeHead(404).end();
    const type = request.url?.includes('/manifests/') ? MANIFEST : 'application/octet-stream';
    const headers = { 'content-type': type, 'docker-content-digest': digestOf(blob) };
    response.writeHead(200, { ...headers, 'content-length': blob.length });
    response.end(request.method === 'HEAD' ? undefined : blob);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const image = `127.0.0.1:${(server.address() as AddressInfo).port}/busybox`;
  return { image, close: () => void server.close() };
}

/** Its parts by the names that they are asked by: digests, and the tag of the manifest. */
function makeImage(): Map<string, Buffer> {
  const tar = execFileSync('sh', ['-c', LAYER], { maxBuffer: 64 * 1024 * 1024 });
  const layer = gzipSync(tar);
  const images = Object.entries({ shell: ['sh'], web: ['httpd', '-f'] }).flatMap(([tag, Cmd]) => {
    const config = json({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd },
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    });
    const manifest = manifestOf(config, layer);
    return [
      [digestOf(config), config],
      [digestOf(manifest), manifest],
      [tag, manifest],
    ] as const;
  });
  return new Map([[digestOf(layer), layer], ...images]);
}

function manifestOf(config: Buffer, layer: Buffer): Buffer {
  const part = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    size: bytes.length,
    digest: digestOf(bytes),
  });
  return json({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: part('application/vnd.docker.container.image.v1+json', config),
    layers: [part('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
  });
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
