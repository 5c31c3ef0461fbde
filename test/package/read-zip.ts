import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';

/** One file of an archive, by its central directory (PKZIP APPNOTE 4.3.12 and 4.3.7). */
export async function readZip(archive: string, name: string): Promise<string> {
  const bytes = await readFile(archive);
  for (let at = bytes.indexOf('PK\u0001\u0002'); at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 46)) {
    if (bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)) !== name) continue;
    const header = bytes.readUInt32LE(at + 42);
    const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
    const content = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    return (bytes.readUInt16LE(at + 10) === 0 ? content : inflateRawSync(content)).toString();
  }
  throw new Error(`${archive} has no ${name}`);
}
