import { buildFunctions } from '../../scripts/build.ts';

/** The tests run the bundles that would be deployed. */
export default async function setup(): Promise<void> {
  await buildFunctions();
}
