import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { callNamed } from './sdk-failure.ts';

/** The parameters that the image's pipeline writes (infra/image.yml), beside the App's. */
const namesBeside = (parameterPath: string): string[] => {
  const parent = parameterPath.slice(0, parameterPath.lastIndexOf('/'));
  return ['x64', 'arm64'].map((architecture) => `${parent}/image/${architecture}`);
};

/**
 * The runner's versions in the images that the pipeline built last, each once; none of an architecture that it has not
 * built yet. `parameterPath` is `/oneshot/{stage}/github`.
 */
export async function readImageVersions(client: SSMClient, parameterPath: string): Promise<string[]> {
  const command = new GetParametersCommand({ Names: namesBeside(parameterPath) });
  const { Parameters = [] } = await callNamed('ssm', 'GetParameters', () => client.send(command));
  const values = Parameters.map(({ Value = '' }) => Value.trim());
  return [...new Set(values.filter((value) => /^\d+\.\d+\.\d+$/.test(value)))];
}
