import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { readPageStyle } from '../console/page-files.ts';
import { CliError, EXIT } from '../errors.ts';
import { isFromHere } from '../loopback.ts';
import type { Manifest } from './manifest.ts';
import { createdPage, formPage, refusedPage } from './pages.ts';

export interface Question {
  /** Where GitHub takes the manifest, without `state`. */
  readonly newAppUrl: string;
  /** Of the address that GitHub sends the browser back to. */
  manifest(redirectUrl: string): Manifest;
  /** Brings the person to the page, in a browser or by printing its address. */
  show(pageUrl: string): void;
  readonly timeoutMs: number;
}

/**
 * Lets a person make the App in the browser; resolves with GitHub's code for it. The page is on loopback, answers only
 * to a state that nobody can guess, and is gone afterwards. Throws CliError when nobody came back in time.
 */
export async function askGitHub({ newAppUrl, manifest, show, timeoutMs }: Question): Promise<string> {
  const state = randomBytes(24).toString('base64url');
  const style = await readPageStyle();
  const app = new Hono();
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  app.use(async (context, next) => {
    if (!isFromHere(context)) return context.text('this page answers on loopback only', 421);
    await next();
    context.header('content-security-policy', POLICY);
    context.header('cache-control', 'no-store');
    return undefined;
  });
  app.get('/page.css', (c) => c.body(style, 200, { 'content-type': 'text/css' }));
  app.get(`/${state}`, (c) =>
    c.html(formPage(`${newAppUrl}?state=${state}`, manifest(`${origin}/callback`))),
  );
  let timer: NodeJS.Timeout | undefined;
  const answered = new Promise<string>((resolve, reject) => {
    app.get('/callback', (c) => {
      const code = c.req.query('code') ?? '';
      if (!isSame(c.req.query('state') ?? '', state) || !/^[\w-]{1,200}$/.test(code))
        return c.html(refusedPage(), 400);
      resolve(code);
      return c.html(createdPage());
    });
    const late = new CliError('nobody came back from GitHub', 'run oneshot setup again', EXIT.usage);
    timer = setTimeout(() => reject(late), timeoutMs);
  });
  try {
    show(`${origin}/${state}`);
    return await answered;
  } finally {
    clearTimeout(timer);
    // The page that says so is still under way, and what it looks like.
    setTimeout(() => server.close(), 2_000).unref();
    server.unref();
  }
}

/**
 * Nothing runs, is loaded or frames the page. No `form-action`: Chrome holds the form's redirects to it, too, and GitHub may
 * send an organisation's members on to their own sign-in (w3c/webappsec-csp#8).
 */
const POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
