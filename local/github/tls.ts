/** TLS on loopback: an authority that lives as long as the world, and its certificate for 127.0.0.1. */

export interface Authority {
  /** What has to be trusted. */
  readonly caPem: string;
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;
const KEY = { keyType: 'ec', algorithm: 'sha256' } as const;

/** Certificates of two days, from yesterday on, by the clock of this machine. */
export async function makeAuthority(): Promise<Authority> {
  // Only a world with TLS waits for it to load.
  const { generate } = await import('selfsigned');
  const dates = { notBeforeDate: new Date(Date.now() - DAY_MS), notAfterDate: new Date(Date.now() + DAY_MS) };
  const ca = await generate([{ name: 'commonName', value: 'oneshot embedded GitHub' }], {
    ...KEY,
    ...dates,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    ...KEY,
    ...dates,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { caPem: ca.cert, key: server.private, cert: server.cert };
}
