import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { createFeed } from '../console/feed.ts';
import { readPageFiles } from '../console/page-files.ts';
import { createPlayPort } from '../console/play.ts';
import { startConsole } from '../console/server.ts';
import { viewOf } from '../console/view.ts';
import type { AddCommand } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import { untilInterrupted } from '../interrupt.ts';
import { createObserver } from '../observe/observer.ts';
import { openPage } from '../open-page.ts';
import { readPolicy } from '../policy.ts';

/** How far back jobs are told from the logs. */
const WINDOW_MS = 2 * 3_600_000;
/** Nobody pays for calls to the embedded world. */
const LOOK_EVERY_MS = { local: 500, deployed: 2_000 };

export const addConsole: AddCommand = (program, context) => {
  program
    .command('console')
    .description('open a page on this machine that shows the deployment live')
    .option('--port <number>', 'port on loopback (default: a free one)', readPort, 0)
    .option('--no-open', 'print the address and open no browser')
    .action(async ({ port, open: isToOpen }: { port: number; open: boolean }) => {
      const { connected, output } = context();
      const page = await showConsole(await connected(), port);
      output.answer({ url: page.url }, () => `${page.url}\nCtrl-C ends it.`);
      if (isToOpen && !output.isJson) await openPage(page.url).catch(() => undefined);
      await untilInterrupted((signal) => once(signal, 'abort'));
      page.close();
    });
};

/** Starts the page. Throws CliError where the port is taken. */
export async function showConsole(deployment: Deployment, port = 0) {
  const { controlUrl } = deployment;
  const options = { policy: () => readPolicy(), windowMs: WINDOW_MS, pause: (ms: number) => pause(ms) };
  const observer = createObserver(deployment, options);
  const play = controlUrl === undefined ? undefined : createPlayPort(controlUrl);
  const look = async () => viewOf(await observer.look(), await play?.look());
  const feed = createFeed(look, deployment.isLocal ? LOOK_EVERY_MS.local : LOOK_EVERY_MS.deployed);
  return startConsole({ feed, page: await readPageFiles(), play, port, controlUrl }).catch(
    (cause: unknown) => {
      if (Object(cause).code !== 'EADDRINUSE') throw cause;
      throw new CliError(`port ${port} is taken`, 'give another --port, or none', EXIT.usage, cause);
    },
  );
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 0 (a free one) to 65535.');
}
