import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTask } from '../../local/task/task.ts';

const AUTHORITY = readFileSync(path.join(import.meta.dirname, '../fixtures/authority.pem'), 'utf8').trim();

describe.concurrent('in a network that is closed, the supervisor', () => {
  it('should call KMS past the proxy, which its job uses', async ({ onTestFinished }) => {
    const task = await startTask({
      environment: { http_proxy: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' },
      listener: { jobAfterSeconds: 1, jobSeconds: 1, jobScript: 'echo "$https_proxy" >../proxy' },
    });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending).toMatch(/^ran-/);
    expect(readFileSync(path.join(task.base, 'proxy'), 'utf8')).toBe('http://127.0.0.1:1\n');
  });

  it('should give its job the authorities of the network, beside the public ones', async ({
    onTestFinished,
  }) => {
    const show = 'for name in SSL_CERT_FILE CURL_CA_BUNDLE GIT_SSL_CAINFO REQUESTS_CA_BUNDLE AWS_CA_BUNDLE';
    const task = await startTask({
      environment: { ONESHOT_CA_BUNDLE: AUTHORITY, SSL_CERT_FILE: undefined },
      listener: {
        ...{ jobAfterSeconds: 1, jobSeconds: 1 },
        jobScript: `{ cat "$NODE_EXTRA_CA_CERTS"; } >../own; { ${show}; do cat "\${!name}"; done; } >../all; env >../env`,
      },
    });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending).toMatch(/^ran-/);
    const read = (name: string) => readFileSync(path.join(task.base, name), 'utf8');
    expect(read('own').trim()).toBe(AUTHORITY);
    expect(read('all').split(AUTHORITY)).toHaveLength(6);
    const publicOnes = readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8').trim();
    expect(read('all').split(publicOnes)).toHaveLength(6);
    expect(read('env')).not.toMatch(/ONESHOT_CA_BUNDLE/);
  });
});
