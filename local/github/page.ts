import { html } from 'hono/html';

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem; }`;

/** A page of the embedded GitHub. What is in `body` is escaped by `html`. */
export const page = (title: string, body: unknown) =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${STYLE}</style></head>
<body><p>The embedded GitHub</p><h1>${title}</h1>${body}</body></html>`;
