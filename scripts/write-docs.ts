/** Writes what is made from the code and its packages, the guides first of all: `npm run docs`. A test makes them again and compares. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readCounts } from '../bench/counts.ts';
import { commandsGuide } from './docs/commands.ts';
import { configurationGuide } from './docs/configuration.ts';
import { costsGuide } from './docs/costs.ts';
import { replacingProperties } from './docs/replacing.ts';
import { withResults } from './docs/results.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** The text that each of these files must have. */
export async function generatedGuides(): Promise<Readonly<Record<string, string>>> {
  const read = (file: string) => readFile(path.join(ROOT, file), 'utf8');
  return {
    'docs/configuration.md': configurationGuide(await read('runners.yml'), await read('serverless.yml')),
    'docs/commands.md': commandsGuide(),
    'docs/costs.md': costsGuide(readCounts()),
    'cli/deploy/plan/replacing.json': replacingProperties(),
    'docs/performance.md': withResults(
      await read('docs/performance.md'),
      JSON.parse(await read('bench/results.json')),
    ),
  };
}

if (import.meta.main)
  for (const [file, text] of Object.entries(await generatedGuides()))
    await writeFile(path.join(ROOT, file), text);
