import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { type ReadOptions, readWorkflows } from '../../local/workflows/read.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder with these files in `.github/workflows`. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-workflows-'));
  made.push(folder);
  const workflows = path.join(folder, '.github/workflows');
  mkdirSync(workflows, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(workflows, name), text);
  return folder;
}

/** The workflows of such a folder, as a push to main starts them. */
export const readAll = (files: Readonly<Record<string, string>>, options: Partial<ReadOptions> = {}) =>
  readWorkflows(folderOf(files), { repository: 'acme/shop', ...options });

/** `ci.yml` of these jobs, in YAML's flow style or indented by two. */
export const jobs = (text: string): string => `on: push\njobs:\n${text}`;
