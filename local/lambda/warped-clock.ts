/**
 * Preloaded into a function's process (`--import`), before its bundle: makes `Date` tell world time, so that the
 * packaged bundle lives in the world's time without knowing of it. Timers stay in real time, as network calls do; but
 * for the promised ones (`node:timers/promises`), by which the functions pace what the world limits by its minute.
 */
import { createRequire } from 'node:module';
import { CLOCK_VARIABLES } from './clock-variables.ts';

const speed = Number(process.env[CLOCK_VARIABLES.speed]);
const epochMs = Number(process.env[CLOCK_VARIABLES.epochMs]);
const RealDate = Date;
const now = () => Math.round(epochMs + (RealDate.now() - epochMs) * speed);

class WarpedDate extends RealDate {
  static override now = now;
  constructor(...values: [] | [number | string | Date]) {
    if (values.length === 0) super(now());
    else super(...(values as [number]));
  }
}

if (speed > 0) {
  globalThis.Date = WarpedDate as DateConstructor;
  // The object that a bundle's `require` gives, which can be changed; what `import` gives cannot.
  const timers = createRequire(import.meta.url)('node:timers/promises');
  const { setTimeout: pause } = timers;
  timers.setTimeout = (milliseconds = 1, ...rest: unknown[]) => pause(milliseconds / speed, ...rest);
}
delete process.env[CLOCK_VARIABLES.speed];
delete process.env[CLOCK_VARIABLES.epochMs];
