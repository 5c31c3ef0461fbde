// Builds the functions before they are packaged: what is deployed is what stands in functions/ and runners.yml now.
import path from 'node:path';

export default class BuildPlugin {
  constructor(serverless, _options, { log }) {
    this.hooks = {
      'before:package:createDeploymentArtifacts': async () => {
        // Late, as osls can only `require` a plugin, and esbuild is not needed by its other commands.
        const { buildFunctions } = await import('../scripts/build.ts');
        const policyFile = path.join(serverless.serviceDir, 'runners.yml');
        const bundles = await buildFunctions(path.join(serverless.serviceDir, 'dist'), { policyFile });
        for (const { name, bytes } of bundles) log.notice(`Built ${name}: ${Math.round(bytes / 1024)} KB`);
      },
    };
  }
}
