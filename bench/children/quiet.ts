/** What a function logs is not part of a child's result: it goes nowhere, but is still made. */
export function silenceLog(): (result: unknown) => void {
  const print = console.log.bind(console);
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) console[level] = () => undefined;
  process.stdout.write = ((_: unknown, ...rest: unknown[]) => {
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  }) as typeof process.stdout.write;
  return (result) => {
    delete (process.stdout as { write?: unknown }).write;
    print(JSON.stringify(result));
    process.exit(0);
  };
}
