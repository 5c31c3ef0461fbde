import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');

/** The sources below a folder of the checkout, by their paths in it: `functions/core/ports.ts`. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`);

export const textOf = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** What a file imports, types and late imports included: `functions/core/ports.ts`, or a package's name. */
export function importsOf(file: string): string[] {
  const names = [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) => name);
  return names.map((name) => (name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name));
}

/** Each circle of imports, as the files along it; a depth-first search finds one for each way back. */
export function cyclesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const way: string[] = [];
  const done = new Set<string>();
  const visit = (file: string): void => {
    if (way.includes(file)) cycles.push([...way.slice(way.indexOf(file)), file].join(' > '));
    if (done.has(file)) return;
    done.add(file);
    way.push(file);
    for (const next of imports.get(file) ?? []) visit(next);
    way.pop();
  };
  for (const file of imports.keys()) visit(file);
  return cycles;
}
