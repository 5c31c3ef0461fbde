import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exitOnInterrupt, untilInterrupted, withoutInterrupt } from '../../cli/interrupt.ts';

let exit: ReturnType<typeof vi.spyOn>;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
let before: ReadonlyMap<string, readonly unknown[]>;

beforeEach(() => {
  before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as unknown as typeof process.exit);
  exitOnInterrupt();
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const signal of SIGNALS)
    for (const listener of process.listeners(signal))
      if (!before.get(signal)?.includes(listener)) process.off(signal, listener);
});

describe('Ctrl-C', () => {
  it('should end a command with its own exit code', () => {
    process.emit('SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
  });

  it('should be a good end of what waits for it', async () => {
    await untilInterrupted(async (signal) => {
      process.emit('SIGINT');
      expect(signal.aborted).toBe(true);
    });
    expect(exit).not.toHaveBeenCalled();
  });

  it('should end what does not end, the second time', async () => {
    await untilInterrupted(async () => {
      process.emit('SIGINT');
      process.emit('SIGINT');
    });
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  });

  it('should be left to a program that has the terminal, and be taken again after it', async () => {
    await withoutInterrupt(async () => process.emit('SIGINT'));
    expect(exit).not.toHaveBeenCalled();
    process.emit('SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
  });
});
