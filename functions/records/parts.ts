import * as v from 'valibot';
import { REASONS, type Reason } from '../core/words/reasons.ts';

/** Of the lines that are written now. A line that has none is of version 1 (`upgrade.ts`). */
export const VERSION = 2;

/** Makes a schema. Called as `PURE`, it is left out of the bundle of a function, which only writes its lines. */
export const schema = <Schema>(make: () => Schema): Schema => make();

export const version = /* @__PURE__ */ schema(() => v.optional(v.number()));
export const text = /* @__PURE__ */ schema(() => v.optional(v.string()));
export const number = /* @__PURE__ */ schema(() => v.optional(v.number()));
export const reason = /* @__PURE__ */ schema(() =>
  v.custom<Reason>((value) => typeof value === 'string' && Object.hasOwn(REASONS, value)),
);

/**
 * A field that people read in the log and no code does, with what it tells them. A test keeps both kinds apart, so that
 * nothing is written for nobody.
 */
export const forPeople = (what: string) => v.optional(v.pipe(v.unknown(), v.description(what)));
