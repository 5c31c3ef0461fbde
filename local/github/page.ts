import { html } from 'hono/html';

/** A page of the embedded github.com. */
export const page = (title: string, body: unknown) =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body style="font: 16px system-ui; max-width: 40rem; margin: 3rem auto"><p>The embedded GitHub</p><h1>${title}</h1>${body}</body></html>`;
