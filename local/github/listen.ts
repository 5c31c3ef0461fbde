import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings, type WebSocketServerLike } from '@hono/node-server';
import type { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { FEED_MESSAGE_BYTES } from './service/feed.ts';
import type { Authority } from './tls.ts';
import type { Listening } from './world.ts';

const KEEP_ALIVE_MS = 600_000;

/** Serves on 127.0.0.1, with TLS where there is an authority; port 0: a free one. */
export async function listen(
  app: Hono<{ Bindings: HttpBindings }>,
  port: number,
  authority: Authority | undefined,
): Promise<Listening> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: FEED_MESSAGE_BYTES });
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: { server: sockets as WebSocketServerLike },
    ...(authority && { createServer, serverOptions: { key: authority.key, cert: authority.cert } }),
  });
  // A connection that idles out just as a client sends on it would look like a lost answer.
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      // Polls of listeners would hold it open, and feeds of workers.
      if ('closeAllConnections' in server) server.closeAllConnections();
      for (const socket of sockets.clients) socket.terminate();
    });
  const scheme = authority === undefined ? 'http' : 'https';
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, caPem: authority?.caPem, close };
}
