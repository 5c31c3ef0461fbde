import type { Line } from '../observe/tail.ts';
import type { Shown } from './shown.ts';

/** From the least to the gravest, as functions write them. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

/** Fields that tell what a line is about, in this order. */
const ABOUT = ['repository', 'job', 'jobName', 'reason', 'runnerName', 'ending', 'problem', 'error'] as const;

/** What Lambda writes where an invocation had no result (docs.aws.amazon.com: Troubleshoot execution issues in Lambda). */
const PLATFORM_FAULT = /Task timed out|Runtime exited|Runtime\.\w+/;

/** A function's line in words; none for metrics, and for what Lambda writes of every invocation. */
export function showFunctionLine({ atMs, group, text }: Line, least: Level): Shown[] {
  const from = group.service;
  const json = parse(text);
  if (json === undefined)
    return PLATFORM_FAULT.test(text) ? [{ atMs, from, level: 'ERROR', text: text.trim() }] : [];
  const { level, message } = json;
  if (typeof level !== 'string' || typeof message !== 'string' || rankOf(level) < LEVELS.indexOf(least))
    return [];
  const about = ABOUT.flatMap((key) => (json[key] === undefined ? [] : [`${key}=${spell(json[key])}`]));
  return [{ atMs, from, level, text: [message, ...about].join(' ') }];
}

function rankOf(level: string): number {
  const rank = LEVELS.indexOf(level.toLowerCase() as Level);
  return rank < 0 ? LEVELS.length : rank;
}

const spell = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
