import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { replaceFile } from '../replace-file.ts';
import { type Given, PARAMETERS_FILE } from './parameters.ts';

/** Writes parameters into the stage's block of `parameters.yml`; all else in it stays as it is, comments too. */
export async function writeParameters(folder: string, stage: string, values: Given): Promise<void> {
  const file = path.join(folder, PARAMETERS_FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const document = parseDocument(text);
  if (document.get(stage) == null) document.set(stage, document.createNode({}));
  for (const [name, value] of Object.entries(values)) document.setIn([stage, name], value);
  await replaceFile(file, document.toString({ lineWidth: 0 }));
}
