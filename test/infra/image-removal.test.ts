import { describe, expect, it } from 'vitest';
import { keepImagesInUse } from '../../infra/image-removal.ts';

const REPOSITORY = '123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot-dev-runner';
const OTHER = 'ghcr.io/actions/actions-runner:2.336.0';

describe('a pipeline that is switched off', () => {
  const off =
    (next: string, ...running: string[]) =>
    () =>
      keepImagesInUse(REPOSITORY, { next, running });

  it('should go where nobody uses its images', () => {
    expect(off(OTHER)).not.toThrow();
    expect(off(OTHER, OTHER, `${REPOSITORY}-2:x64`)).not.toThrow();
  });

  it('should stay while tasks are launched with them', () => {
    expect(off(`${REPOSITORY}:x64`)).toThrow(/give another image and deploy that first/);
  });

  it('should stay while a task may still be loading one', () => {
    expect(off(OTHER, OTHER, `${REPOSITORY}:arm64`, `${REPOSITORY}@sha256:00`)).toThrow(
      /\(now: 2\).*wait until those have ended/s,
    );
  });
});
