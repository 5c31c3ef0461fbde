import * as v from 'valibot';
import { askForManifest } from '../../cli/doctor/registry.ts';

const SIZED = v.object({ size: v.number() });
const MANIFEST = v.object({ config: SIZED, layers: v.array(SIZED) });
const INDEX = v.object({
  manifests: v.array(
    v.object({
      digest: v.string(),
      platform: v.optional(v.object({ architecture: v.string() })),
    }),
  ),
});
/** As registries say it. */
const NAMES = { x64: 'amd64', arm64: 'arm64' } as const;

/** Compressed bytes that a pull loads, by the image's manifest: one of its own, or one of an index. */
export async function imageBytes(name: string, arch: 'x64' | 'arm64'): Promise<number> {
  const found = await readManifest(name);
  const index = v.safeParse(INDEX, found);
  if (!index.success) return bytesOf(found);
  const own = index.output.manifests.find(({ platform }) => platform?.architecture === NAMES[arch]);
  if (own === undefined) throw new Error(`${name} is not there for ${arch}`);
  return bytesOf(await readManifest(`${name.replace(/(:[^/:]+)?(@.*)?$/, '')}@${own.digest}`));
}

function bytesOf(manifest: unknown): number {
  const { config, layers } = v.parse(MANIFEST, manifest);
  return [config, ...layers].reduce((sum, { size }) => sum + size, 0);
}

async function readManifest(name: string): Promise<unknown> {
  const answer = await askForManifest(name, 'GET');
  if (!answer.ok) throw new Error(`the registry answered ${answer.status} for ${name}`);
  return answer.json();
}
