import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import open from 'open';

/** Long enough for a browser to start and read the file. */
const KEPT_MS = 60_000;

type Launch = (target: string) => Promise<unknown>;

/**
 * Opens a page in the browser. The address of one on this machine is a secret, and what a browser is started with, every
 * user of the machine can read (proc(5), /proc/pid/cmdline): it is given a file that leads there, in a folder that only
 * we can read. A browser in a sandbox may not be allowed to read it; the address is printed too.
 */
export async function openPage(address: string, launch: Launch = open): Promise<void> {
  const isOfThisMachine = new URL(address).hostname === '127.0.0.1';
  await launch(isOfThisMachine ? await fileThatLeadsTo(address) : address);
}

async function fileThatLeadsTo(address: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oneshot-page-')); // of mode 0700
  const remove = () => rmSync(folder, { recursive: true, force: true });
  setTimeout(remove, KEPT_MS).unref();
  process.once('exit', remove);
  const file = path.join(folder, 'open.html');
  await writeFile(
    file,
    `<!doctype html><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${address}">\n`,
    { mode: 0o600 },
  );
  return file;
}
