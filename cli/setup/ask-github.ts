import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { CliError, EXIT } from '../errors.ts';
import { isFromHere } from '../loopback.ts';

export interface Question {
  /** Where GitHub takes the manifest, without `state`. */
  readonly newAppUrl: string;
  /** Of the address that GitHub sends the browser back to. */
  manifest(redirectUrl: string): object;
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
  app.get(`/${state}`, (c) =>
    c.html(formPage(`${newAppUrl}?state=${state}`, manifest(`${origin}/callback`))),
  );
  let timer: NodeJS.Timeout | undefined;
  const answered = new Promise<string>((resolve, reject) => {
    app.get('/callback', (c) => {
      const code = c.req.query('code') ?? '';
      if (!isSame(c.req.query('state') ?? '', state) || !/^[\w-]{1,200}$/.test(code))
        return c.text('This answer belongs to another question: run oneshot setup again.', 400);
      resolve(code);
      return c.html(
        html`<!doctype html><title>oneshot</title><p>The App is created. Return to the terminal.</p>`,
      );
    });
    const late = new CliError('nobody came back from GitHub', 'run oneshot setup again', EXIT.usage);
    timer = setTimeout(() => reject(late), timeoutMs);
  });
  try {
    show(`${origin}/${state}`);
    return await answered;
  } finally {
    clearTimeout(timer);
    // The page that says so is still under way.
    setTimeout(() => server.close(), 500).unref();
    server.unref();
  }
}

/**
 * Nothing runs, is loaded or frames the page. No `form-action`: Chrome holds the form's redirects to it, too, and GitHub may
 * send an organisation's members on to their own sign-in (w3c/webappsec-csp#8).
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const formPage = (action: string, manifest: object) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>oneshot: make the GitHub App</title></head>
<body style="font: 16px system-ui; max-width: 40rem; margin: 3rem auto">
<h1>Make the GitHub App</h1>
<p>GitHub shows what it may do, and asks you to confirm.</p>
<form method="post" action="${action}">
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
<button autofocus>Go to GitHub</button>
</form></body></html>`;
