import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the packagings of this run are kept, so that each is done once (test/infra/package-service.ts). */
    readonly packages: string;
  }
}

/** A folder for what the tests package, gone after the run, and emptied when files have changed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const packages = await mkdtemp(path.join(tmpdir(), 'oneshot-packages-'));
  const remove = () => rm(packages, { recursive: true, force: true });
  project.provide('packages', packages);
  project.onTestsRerun(remove);
  return remove;
}
