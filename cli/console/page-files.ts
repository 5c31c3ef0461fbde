import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';

/** What the page loads, by name. */
export type PageFiles = Readonly<Record<string, { readonly type: string; readonly text: string }>>;

const TYPES = { 'page.js': 'text/javascript', 'page.css': 'text/css' } as const;

/** The page's files: of the package as they were built for it, of a checkout as its source is now. */
export async function readPageFiles(): Promise<PageFiles> {
  const textOf = import.meta.filename.endsWith('.ts') ? await bundled() : built;
  const files = Object.entries(TYPES).map(
    async ([name, type]) => [name, { type, text: await textOf(name) }] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

/** How these pages look: set-up's page is dressed in it too. */
export const readPageStyle = async (): Promise<string> => (await readPageFiles())['page.css']?.text ?? '';

const built = (name: string): Promise<string> =>
  readFile(path.join(packageRoot(), 'dist/console', name), 'utf8');

async function bundled(): Promise<(name: string) => Promise<string>> {
  const { bundleConsole } = await import('../../scripts/build-console.ts');
  const files = await bundleConsole();
  return async (name) => files.get(name) ?? '';
}

export const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>oneshot</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6' fill='none' stroke='%232f81f7' stroke-width='3'/%3E%3C/svg%3E">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
</head>
<body><div id="page"></div><noscript>This page needs JavaScript. <code>oneshot status --watch</code> shows the same in a terminal.</noscript></body>
</html>
`;
