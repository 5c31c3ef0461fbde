#!/usr/bin/env node
import { main } from './main.ts';

// The SDK warns on Node 20 that its newer versions will not run there; the one that is bundled here does.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
process.exitCode = await main(process.argv.slice(2));
