import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import * as v from 'valibot';
import type { Story } from '../doctor/story.ts';
import { isFromHere } from '../loopback.ts';
import type { Snapshot } from '../observe/snapshot.ts';
import type { Feed, Told } from './feed.ts';
import { HTML, type PageFiles } from './page-files.ts';
import { CANCEL, FAULT, type Play, type PlayPort, QUEUE } from './play.ts';
import { readQuery, WINDOWS, type Window } from './query.ts';
import { createUpdates } from './update.ts';
import { viewOf } from './view.ts';

/** What one look sees: the deployment, and in the embedded world what a person may do there. */
export interface Seen {
  readonly snapshot: Snapshot;
  readonly play: Play | undefined;
}

export interface ConsoleOptions {
  /** Of a window, as long as a page shows it. */
  readonly feedOf: (window: Window) => Feed<Seen>;
  /** What became of a job; `undefined` where nothing is known of it. */
  readonly storyOf: (jobId: number) => Promise<Story | undefined>;
  readonly page: PageFiles;
  /** In the embedded world only: else the page has no buttons, and its routes do not exist. */
  readonly play: PlayPort | undefined;
  /** Of the embedded world: `oneshot --local` takes the page's address too. */
  readonly controlUrl?: string | undefined;
  /** A free one, where it is 0. */
  readonly port: number;
}

/** Nothing from elsewhere is loaded, run, or shown in a frame of somebody's. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A proxy or a browser that hears nothing for a minute hangs up. */
const KEEP_ALIVE_MS = 15_000;

/** The page on loopback, under an address that cannot be guessed. Rejects where the port is taken. */
export async function startConsole(
  options: ConsoleOptions,
): Promise<{ readonly url: string; close(): void }> {
  // Anyone who has the address may look and press: no other site's page has it, and no other user of this machine.
  const secret = randomBytes(24).toString('base64url');
  const server = createAdaptorServer({ fetch: createApp(options, secret).fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}/`,
    close() {
      server.close();
      // Pages that are open hold their connections.
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  };
}

function createApp(options: ConsoleOptions, secret: string): Hono {
  const { feedOf, storyOf, page, play, controlUrl } = options;
  // Its address ends with a slash, below which the page's files are.
  const app = new Hono({ strict: false }).basePath(`/${secret}`);
  app.use(async (context, next) => {
    if (!isFromHere(context)) return context.text('this page answers on loopback only', 421);
    await next();
    context.header('content-security-policy', POLICY);
    context.header('x-content-type-options', 'nosniff');
    context.header('referrer-policy', 'no-referrer');
    context.header('cache-control', 'no-store');
    return undefined;
  });
  app.get('/', (context) => context.html(HTML));
  for (const [name, { type, text }] of Object.entries(page))
    app.get(`/${name}`, (context) => context.body(text, 200, { 'content-type': type }));
  app.get('/events', (context) => streamUpdates(context, feedOf));
  if (controlUrl !== undefined)
    app.get('/deployment', (context) => context.redirect(`${controlUrl}/deployment`));
  app.get('/jobs/:id{[0-9]{1,16}}/story', (context) => answerStory(context, storyOf));
  if (play !== undefined)
    addActions(app, play, () => {
      for (const window of Object.keys(WINDOWS) as Window[]) feedOf(window).nudge();
    });
  return app;
}

async function answerStory(context: Context, storyOf: ConsoleOptions['storyOf']) {
  const jobId = Number(context.req.param('id'));
  try {
    const story = await storyOf(jobId);
    if (story === undefined)
      return context.json({ problem: `the logs of the last day know nothing of job ${jobId}` }, 404);
    const { title, chapters, verdict, isWell } = story;
    return context.json({ title, chapters, verdict, isWell });
  } catch (error) {
    return context.json({ problem: messageOf(error) }, 502);
  }
}

/** Each update as it comes; a page that is slow gets the newest and not all of them. */
function streamUpdates(context: Context, feedOf: ConsoleOptions['feedOf']) {
  const query = readQuery(new URL(context.req.url).searchParams);
  const updateOf = createUpdates(({ snapshot, play }: Seen) => viewOf(snapshot, play, query));
  return streamSSE(context, async (stream) => {
    let newest: Told<Seen> | undefined;
    let wake = () => {};
    const leave = feedOf(query.window).join((told) => {
      newest = told;
      wake();
    });
    stream.onAbort(() => {
      leave();
      wake();
    });
    while (!stream.aborted) {
      const told = newest;
      newest = undefined;
      if (told !== undefined)
        await stream.writeSSE({ event: 'update', data: JSON.stringify(updateOf(told)) });
      else await stream.writeSSE({ event: 'alive', data: '' });
      if (newest === undefined && !stream.aborted) await sleepUntil((wakeUp) => (wake = wakeUp));
    }
  });
}

function sleepUntil(hand: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, KEEP_ALIVE_MS);
    hand(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function addActions(app: Hono, play: PlayPort, nudge: () => void): void {
  const action = <Schema extends v.GenericSchema>(
    name: string,
    schema: Schema,
    act: (asked: v.InferOutput<Schema>) => Promise<void>,
  ) =>
    app.post(`/actions/${name}`, async (context) => {
      const asked = v.safeParse(schema, await context.req.json().catch(() => undefined));
      if (!asked.success) return context.json({ problem: v.summarize(asked.issues) }, 400);
      try {
        await act(asked.output);
      } catch (error) {
        return context.json({ problem: messageOf(error) }, 400);
      }
      nudge();
      return context.json({});
    });
  action('queue', QUEUE, play.queue);
  action('cancel', CANCEL, play.cancel);
  action('fault', FAULT, play.setFault);
}
