#!/usr/bin/env node
import { exitOnInterrupt } from './interrupt.ts';
import { main } from './main.ts';
import { report } from './report.ts';

// The SDK warns on Node 20 that its newer versions will not run there; the one that is bundled here does.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

// As the AWS CLI takes them: one that is empty is not set. An empty HOME would be the current folder.
for (const [name, value] of Object.entries(process.env))
  if (value === '' && /^(AWS_|ONESHOT_|HOME$)/.test(name)) delete process.env[name];

const argv = process.argv.slice(2);

// `oneshot status | head` has read enough: that is a good end.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error) => process.exit(report(error, argv)));
exitOnInterrupt();

process.exitCode = await main(argv);
// A call that nobody waits for any more may still be under way: it keeps no prompt waiting.
setTimeout(() => process.exit(), 1_000).unref();
