import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './osls.ts';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

it('should run each action of CI by its commit, which nobody can move, with its version beside it', () => {
  const workflows = readdirSync(path.join(ROOT, '.github/workflows'));
  const actions = workflows.flatMap((name) => read(`.github/workflows/${name}`).match(/uses: .*/g) ?? []);
  expect(actions.length).toBeGreaterThan(1);
  for (const action of actions) expect(action).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/);
});

it('should try the image with actions that are named by their commits', () => {
  const script = read('image/smoke-job.sh');
  for (const name of ['CHECKOUT', 'SETUP_NODE'])
    expect(script).toMatch(new RegExp(` ${name}=[0-9a-f]{40}\\b`));
  expect(script.match(/fetch_action [a-z-]+ .*?(?= &&|;)/g)).toEqual([
    'fetch_action checkout "$CHECKOUT"',
    'fetch_action setup-node "$SETUP_NODE"',
  ]);
});

it('should build the image with programs and a builder that are named by what they are', () => {
  const script = read('image/publish.sh');
  expect(script).toMatch(/^readonly PINNED=\S+@sha256:[0-9a-f]{64}$/m);
  const fetched = script.match(/ fetch "\S+ .*/g) ?? [];
  expect(fetched).toHaveLength(4);
  for (const one of fetched) expect(one).toMatch(/"? [0-9a-f]{64} (crane|soci) ;;$/);
});
