/** The pages of set-up on this machine, in the style of the console. */
import { html } from 'hono/html';
import type { Manifest } from './manifest.ts';

const page = (title: string, body: unknown) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>oneshot: ${title}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css"></head>
<body><div id="page" class="alone"><header><h1>oneshot <span class="stack">set-up</span></h1></header>
<main><section><h2>${title}</h2>${body}</section></main></div></body></html>`;

/** GitHub's words for them (docs.github.com, Permissions required for GitHub Apps). */
const PERMISSIONS: Readonly<Record<string, string>> = {
  actions: 'see workflow runs and their jobs',
  metadata: 'see that the repositories exist',
  organization_self_hosted_runners: 'register and remove runners of the organization',
  administration: 'register and remove runners of the repositories',
};

/** What GitHub will be asked for, and the button that asks. */
export const formPage = (action: string, manifest: Manifest) =>
  page(
    'Create the GitHub App',
    html`<p>GitHub shows what the App may do, and asks you to confirm. Afterwards you come back here.</p>
<dl class="facts"><dt>Its name</dt><dd>${manifest.name}</dd>
<dt>It may</dt><dd><ul>${Object.entries(manifest.default_permissions).map(
      ([name, level]) => html`<li>${PERMISSIONS[name] ?? name} <small>(${name}: ${level})</small></li>`,
    )}</ul></dd>
<dt>It tells</dt><dd>${manifest.hook_attributes.url} <small>of each ${manifest.default_events.join(', ')}</small></dd></dl>
<form method="post" action="${action}">
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
<button type="submit" autofocus>Go to GitHub</button>
</form>`,
  );

export const createdPage = () =>
  page(
    'The App is created',
    html`<p>Return to the terminal: set-up continues there. You may close this page.</p>`,
  );

export const refusedPage = () =>
  page('This answer belongs to another question', html`<p>Run <code>oneshot setup</code> again.</p>`);
