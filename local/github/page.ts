import { html } from 'hono/html';

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem; }
summary { cursor: pointer; }
table { border-collapse: collapse; }
th, td { border: 1px solid; padding: 0.1rem 0.5rem; }
.command { color: light-dark(#0550ae, #79c0ff); }
.debug { color: light-dark(#6e7781, #8b949e); }
.warning { color: light-dark(#7d4e00, #e3b341); }
.error { color: light-dark(#b30c1b, #ff8e86); }`;

/** A page of the embedded GitHub. What is in `body` is escaped by `html`. It may load again by itself. */
export const page = (title: string, body: unknown, refreshSeconds?: number) =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${STYLE}</style>
${refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`}</head>
<body><p>The embedded GitHub</p><h1>${title}</h1>${body}</body></html>`;
