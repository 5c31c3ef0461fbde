/**
 * Times a new user's path with the packed and installed package on the embedded world at its real pace, a browser pressing
 * the buttons at once: what is measured is us, and not GitHub, AWS or the person. Prints the table of docs/set-up.md.
 * `npm run measure:set-up`; needs chromium on PATH.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { startControl } from '../local/world/control.ts';
import { PARAMETER_PATH, type World } from '../local/world/start-world.ts';
import { BROWSER, launchBrowser } from '../test/fixtures/browser.ts';
import { startTestWorld } from '../test/fixtures/world.ts';
import { installPackage, NODE, NODE_VERSION } from '../test/package/installed.ts';
import { buildFunctions } from './build.ts';

const rows: [string, number][] = [];

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await work();
  rows.push([what, (performance.now() - startedMs) / 1000]);
  return result;
}

/** As after a deployment: a stack, and nothing at GitHub yet. */
function forgetAll(world: World): void {
  world.github.uninstall();
  for (const name of ['app-id', 'private-key', 'webhook-secret'])
    world.aws.parameters.delete(`${PARAMETER_PATH}/${name}`);
}

/** The three visits to GitHub, and what a person does there. */
const VISITS: readonly [string, (page: Page) => Promise<void>][] = [
  [
    'until the App is made (2 clicks)',
    async (page) => {
      await page.getByRole('button', { name: 'Go to GitHub' }).click();
      await page.getByRole('button', { name: 'Create GitHub App' }).click();
      await page.getByText('Go back to the terminal').waitFor();
    },
  ],
  ['until it is installed (1 click)', (page) => page.getByRole('button', { name: 'Install' }).click()],
  [
    'until the workflow is committed (1 click)',
    (page) => page.getByRole('button', { name: 'Commit new file' }).click(),
  ],
];

if (BROWSER === undefined) throw new Error('there is no chromium on PATH');
await buildFunctions();
const world = await startTestWorld({ speed: 1 });
const control = await startControl(world);
forgetAll(world);
const installed = await installPackage();
const browser = await launchBrowser();
try {
  await timed('oneshot init', () => installed.run(['init', '--allow', 'acme/*']));
  await timed('oneshot deploy --package-only (the offline part of a deployment)', () =>
    installed.run(['deploy', '--package-only', 'out']),
  );
  const flags = ['--org', 'acme', '--workflow', 'open', '--watch', '--no-open', '--repository', 'acme/web'];
  await timed('oneshot setup, all of it', () =>
    visitAll(['--local', control.url, 'setup', ...flags], () => browser.newPage()),
  );
  await timed('oneshot doctor', () => installed.run(['--local', control.url, 'doctor']));
} finally {
  await browser.close();
  await installed.remove();
  control.close();
  await world.close();
}
console.log(`Node ${NODE_VERSION}; seconds`);
for (const [what, seconds] of rows) console.log(`${seconds.toFixed(1).padStart(6)}  ${what}`);

/** Runs set-up to its end, going where it says. */
async function visitAll(args: readonly string[], newPage: () => Promise<Page>): Promise<void> {
  const child = spawn(NODE, [installed.program, ...args], {
    cwd: installed.folder,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const visits = [...VISITS];
  let sinceMs = performance.now();
  const lap = (what: string) => {
    rows.push([`  ${what}`, (performance.now() - sinceMs) / 1000]);
    sinceMs = performance.now();
  };
  const page = await newPage();
  for await (const line of createInterface({ input: child.stderr })) {
    console.error(line);
    const address = /^ {2}(http\S+)$/.exec(line)?.[1];
    const visit = address === undefined ? undefined : visits.shift();
    if (address === undefined || visit === undefined) continue;
    const [what, act] = visit;
    await page.goto(address);
    await act(page);
    lap(what);
  }
  const code = await ended;
  lap('until its job was seen to be green');
  if (code !== 0) throw new Error(`setup ended with ${code}`);
}
