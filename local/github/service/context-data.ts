import type { ContextValue } from './definition.ts';

/** Context data as the runner reads it (WIRE-27): plain values stay, `{t: 1, a}` is a list, `{t: 2, d}` a dictionary. */
export type ContextData =
  | null
  | string
  | number
  | boolean
  | { readonly t: 1; readonly a: readonly ContextData[] }
  | { readonly t: 2; readonly d: readonly { readonly k: string; readonly v: ContextData }[] };

export function contextData(value: ContextValue): ContextData {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return { t: 1, a: value.map(contextData) };
  return { t: 2, d: Object.entries(value).map(([k, v]) => ({ k, v: contextData(v) })) };
}

const isList = (value: ContextValue): value is readonly ContextValue[] => Array.isArray(value);
