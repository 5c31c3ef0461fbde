import { vi } from 'vitest';
import { main } from '../../cli/main.ts';

/** Runs a command against a world, by the address of its control; what it printed, and how it ended. */
export async function oneshot(controlUrl: string, ...args: string[]) {
  const out: string[] = [];
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void out.push(`${name}:${String(line)}`)),
  );
  process.exitCode = undefined;
  try {
    const code = await main(['--local', controlUrl, ...args]);
    const of = (name: string) =>
      out
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1))
        .join('\n');
    return { code, stdout: of('log'), stderr: of('error') };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}
