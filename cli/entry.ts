#!/usr/bin/env node
/**
 * Where the npm package's command begins. It imports nothing and is written so that a Node of ten years ago can read it:
 * a Node that is too old must be told so in a line, before it meets code that it cannot read.
 */
const OLDEST = { line: 22, minor: 13 };
const [line = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isSupported = line >= OLDEST.line + 2 || (line === OLDEST.line && minor >= OLDEST.minor);

// Not at the top of the module: old versions cannot wait there.
if (isSupported) void import('./bin.ts');
else {
  process.exitCode = 2;
  console.error(
    `error oneshot needs Node ${OLDEST.line + 2} or later (or Node ${OLDEST.line}, from ${OLDEST.line}.${OLDEST.minor} on). This is Node ${process.versions.node}. Get one from https://nodejs.org/en/download`,
  );
}
