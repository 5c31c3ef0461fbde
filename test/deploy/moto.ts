import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** What serve_moto.py stands on: moto's server and, for the validation of templates, cfn-lint. */
export const hasMoto = spawnSync('python3', ['-c', 'import moto.server, cfnlint']).status === 0;

export interface Moto {
  readonly url: string;
  close(): Promise<void>;
}

/** An empty account of moto's, on loopback. Rejects with what Python printed. */
export async function startMoto(): Promise<Moto> {
  const child = spawn('python3', [path.join(import.meta.dirname, 'serve_moto.py')]);
  const exit = once(child, 'exit');
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed = `${printed}${chunk}`.slice(-5_000);
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = await Promise.race([once(lines, 'line'), exit.then(() => [undefined])]);
  if (port === undefined) throw new Error(`moto did not start: ${printed}`);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.stdin.end();
      await exit;
    },
  };
}
