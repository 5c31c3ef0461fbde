import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const RULE = '-'.repeat(80);

/** The licences of the packages that a bundle has in it, which most of them demand to travel with a copy. */
export async function thirdPartyNotices(root: string, inputs: object): Promise<string> {
  const folders = new Set(Object.keys(inputs).flatMap((file) => packageFolder(file) ?? []));
  const notices = await Promise.all(
    [...folders].toSorted().map((folder) => readNotice(path.join(root, folder))),
  );
  const byText = Object.entries(Object.groupBy(notices, ({ text }) => text));
  return byText
    .map(([text, of = []]) => [...of.map(({ what }) => what), '', text].join('\n'))
    .join(`\n\n${RULE}\n\n`);
}

/** `node_modules/@a/b` of `node_modules/@a/b/c.js`; that of the innermost package. */
const packageFolder = (file: string): string | undefined =>
  /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];

interface Notice {
  /** Name and version. */
  readonly what: string;
  /** Of the licence, or its name where the package brings no text. */
  readonly text: string;
}

async function readNotice(folder: string): Promise<Notice> {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `${license}` : (await readFile(path.join(folder, file), 'utf8')).trim();
  return { what: `${name} ${version}`, text };
}
