import { type ContainerDefinition, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { after, fail, judged, link, looked, ok, type Reading } from '../link.ts';
import { isInRegistry } from '../registry.ts';
import { POLICY } from './policy.ts';

const containerOf =
  (arch: 'x64' | 'arm64'): Reading<ContainerDefinition | undefined> =>
  async ({ ecs, stack }) => {
    const command = new DescribeTaskDefinitionCommand({ taskDefinition: `${stack}-${arch}` });
    return (await ecs.send(command)).taskDefinition?.containerDefinitions?.[0];
  };

/** The container of each task definition. */
export const CONTAINERS = { x64: containerOf('x64'), arm64: containerOf('arm64') };

/** The images of the task definitions, each once: one for each architecture that the policy allows. */
export const IMAGE_NAMES = looked('ecs:DescribeTaskDefinition', async (_, ask) => {
  const policy = await ask(POLICY);
  // As far as the policy can be read; it is deployed with the stack.
  const hasArm64 = policy.kind !== 'read' || policy.value.limits.arm64;
  const containers = [CONTAINERS.x64, ...(hasArm64 ? [CONTAINERS.arm64] : [])];
  const names = containers.map(async (container) => (await ask(container))?.image ?? 'none');
  return [...new Set(await Promise.all(names))];
});

/** What each registry says; `undefined` of one that asks for credentials, and in the embedded world. */
const IMAGES = after(IMAGE_NAMES, (names) =>
  looked('the registry', ({ isLocal }) => {
    const isThere = async (name: string) => (isLocal ? undefined : isInRegistry(name));
    return Promise.all(names.map(async (name) => ({ name, isThere: await isThere(name) })));
  }),
);

export const image = link({
  id: 'image',
  title: 'the image is in its registry',
  tries: 'ecs:DescribeTaskDefinition, and its registry for the manifest',
  needs: ['cluster'],
  reads: { images: IMAGES },
  judge: ({ images }) =>
    judged(images, 'deploy again', (all) => {
      const gone = all.filter(({ isThere }) => isThere === false).map(({ name }) => name);
      if (gone.length > 0)
        return fail(
          `not there: ${gone.join(', ')}`,
          'set the parameter image to one that exists, and deploy again',
        );
      const unknown = all.some(({ isThere }) => isThere === undefined);
      return ok(
        `${all.map(({ name }) => name).join(', ')}${unknown ? ' (not shown by its registry: it may need imageCredentials)' : ''}`,
      );
    }),
});
