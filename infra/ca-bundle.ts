import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A task definition has 64 KiB, of which the supervisor takes 24; the rest of it needs little. */
const LONGEST_PEM = 16 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, and nothing else that is in it: no key, no comment. */
export function readCertificates(file: string): string {
  if (file === '') return '';
  return (readFileSync(file, 'utf8').replaceAll('\r', '').match(CERTIFICATE) ?? []).join('\n');
}

/** What keeps the file from being a bundle of authorities, with the fix; `undefined` if nothing does. */
export function findCaProblem(file: string): string | undefined {
  if (file === '') return undefined;
  if (!existsSync(file)) return 'there is no such file; give its path, from the folder of runners.yml';
  const pem = readCertificates(file);
  if (!(pem.match(CERTIFICATE) ?? []).every(isCertificate) || pem === '')
    return 'it has no certificates, or one that cannot be read; give the authorities in PEM form';
  return pem.length <= LONGEST_PEM
    ? undefined
    : `it has ${pem.length} characters of certificates, and a task has room for ${LONGEST_PEM}; give only your own authorities`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== '';
  } catch {
    return false;
  }
}

/** Into the folder that each function's archive has, or out of it: NODE_EXTRA_CA_CERTS of serverless.yml names it. */
export async function writeCaBundle(dist: string, pem: string): Promise<void> {
  const file = path.join(dist, 'ca-bundle.pem');
  if (pem === '') return rm(file, { force: true });
  await mkdir(dist, { recursive: true });
  await writeFile(file, `${pem}\n`);
}
