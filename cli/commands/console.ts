import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { createFeed, type Feed } from '../console/feed.ts';
import { readPageFiles } from '../console/page-files.ts';
import { createPlayPort, type PlayPort } from '../console/play.ts';
import { WINDOWS, type Window } from '../console/query.ts';
import { type ConsoleOptions, type Seen, startConsole } from '../console/server.ts';
import { storiesOf } from '../console/stories.ts';
import type { AddCommand } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import { untilInterrupted } from '../interrupt.ts';
import { createObserver, type Observer } from '../observe/observer.ts';
import { openPage } from '../open-page.ts';
import { readPolicy } from '../policy.ts';

/** How far back the logs are read before anything is shown; the rest of a longer window follows. */
const FIRST_WINDOW_MS = WINDOWS['1h'].ms;
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
  const play = controlUrl === undefined ? undefined : createPlayPort(controlUrl);
  const observer = createObserver(deployment, {
    policy: () => readPolicy(),
    windowMs: FIRST_WINDOW_MS,
    pause: (ms) => pause(ms),
  });
  const options = {
    ...{ play, port, controlUrl },
    feedOf: feedsOf(deployment, observer, play),
    storyOf: storiesOf(deployment, () => observer.look()),
    page: await readPageFiles(),
  };
  return startConsole(options).catch((cause: unknown) => {
    if (Object(cause).code !== 'EADDRINUSE') throw cause;
    throw new CliError(`port ${port} is taken`, 'give another --port, or none', EXIT.usage, cause);
  });
}

/** One for each window; all read the deployment by one observer. */
function feedsOf(
  deployment: Deployment,
  observer: Observer,
  play: PlayPort | undefined,
): ConsoleOptions['feedOf'] {
  const everyMs = deployment.isLocal ? LOOK_EVERY_MS.local : LOOK_EVERY_MS.deployed;
  const feeds = new Map<Window, Feed<Seen>>();
  return (window) => {
    const look = async () => ({
      snapshot: await observer.look(WINDOWS[window].ms),
      play: await play?.look(),
    });
    const feed = feeds.get(window) ?? createFeed(look, everyMs);
    feeds.set(window, feed);
    return feed;
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 0 (a free one) to 65535.');
}
