import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import * as v from 'valibot';
import { isFromHere } from '../loopback.ts';
import type { Feed, Update } from './feed.ts';
import { HTML, type PageFiles } from './page-files.ts';
import { CANCEL, FAULT, type PlayPort, QUEUE } from './play.ts';

export interface ConsoleOptions {
  readonly feed: Feed;
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

function createApp({ feed, page, play, controlUrl }: ConsoleOptions, secret: string): Hono {
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
  app.get('/events', (context) => streamUpdates(context, feed));
  if (controlUrl !== undefined)
    app.get('/deployment', (context) => context.redirect(`${controlUrl}/deployment`));
  if (play !== undefined) addActions(app, play, feed);
  return app;
}

/** Each update as it comes; a page that is slow gets the newest and not all of them. */
function streamUpdates(context: Context, feed: Feed) {
  return streamSSE(context, async (stream) => {
    let newest: Update | undefined;
    let wake = () => {};
    const leave = feed.join((update) => {
      newest = update;
      wake();
    });
    stream.onAbort(() => {
      leave();
      wake();
    });
    while (!stream.aborted) {
      const update = newest;
      newest = undefined;
      if (update !== undefined) await stream.writeSSE({ event: 'update', data: JSON.stringify(update) });
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

function addActions(app: Hono, play: PlayPort, feed: Feed): void {
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
        return context.json({ problem: error instanceof Error ? error.message : String(error) }, 400);
      }
      feed.nudge();
      return context.json({});
    });
  action('queue', QUEUE, play.queue);
  action('cancel', CANCEL, play.cancel);
  action('fault', FAULT, play.setFault);
}
