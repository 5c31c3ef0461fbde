import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openPage } from '../../cli/open-page.ts';

const ADDRESS = 'http://127.0.0.1:4711/a-secret/';

/** What the browser is started with. */
async function argumentFor(address: string): Promise<string> {
  let argument = '';
  await openPage(address, async (target) => (argument = target));
  return argument;
}

it('should start a browser with nothing that another user could use, for a page of this machine', async () => {
  const file = await argumentFor(ADDRESS);
  expect(file).not.toContain('a-secret');
  expect(readFileSync(file, 'utf8')).toContain(`url=${ADDRESS}"`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  process.listeners('exit').at(-1)?.call(process, 0);
  expect(existsSync(file)).toBe(false);
});

it('should start a browser with the address itself where it is public', async () => {
  const address = 'https://github.com/apps/oneshot/installations/new';
  expect(await argumentFor(address)).toBe(address);
});
