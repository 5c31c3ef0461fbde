import type { JobPhase } from '../observe/snapshot.ts';

const MINUTE_MS = 60_000;

/** How far back the page looks. */
export const WINDOWS = {
  '15m': { words: '15 min', ms: 15 * MINUTE_MS },
  '1h': { words: '1 h', ms: 60 * MINUTE_MS },
  '6h': { words: '6 h', ms: 360 * MINUTE_MS },
  '24h': { words: '24 h', ms: 1_440 * MINUTE_MS },
} as const;
export type Window = keyof typeof WINDOWS;

/** In the order of a job's life. */
export const PHASE_NAMES = [
  'queued',
  'starting',
  'running',
  'done',
  'ignored',
] as const satisfies readonly JobPhase[];

/** What a person wants to see; all of it stands in the page's address. An empty text filters nothing. */
export interface Query {
  readonly window: Window;
  readonly phase: JobPhase | '';
  readonly outcome: string;
  readonly repository: string;
  readonly label: string;
  readonly search: string;
  /** As many rows as are sent and drawn: a page of thousands is slow, and nobody reads it. */
  readonly rows: number;
  /** The job whose story is open. */
  readonly job: number | undefined;
}

export const ROWS = { step: 50, most: 500 };

export const START: Query = {
  ...{ window: '1h', phase: '', outcome: '', repository: '', label: '', search: '' },
  ...{ rows: ROWS.step, job: undefined },
};

/** Of an address; what it does not say, or says wrongly, is as it is at the start. */
export function readQuery(address: URLSearchParams): Query {
  const text = (name: string) => (address.get(name) ?? '').slice(0, 200);
  const [window, phase, rows, job] = [
    text('window'),
    text('phase'),
    Number(text('rows')),
    Number(text('job')),
  ];
  return {
    window: Object.hasOwn(WINDOWS, window) ? (window as Window) : START.window,
    phase: PHASE_NAMES.find((name) => name === phase) ?? '',
    outcome: text('outcome'),
    repository: text('repository'),
    label: text('label'),
    search: text('search'),
    rows: Number.isInteger(rows) && rows > 0 ? Math.min(rows, ROWS.most) : START.rows,
    job: Number.isSafeInteger(job) && job > 0 ? job : undefined,
  };
}

/** What of it differs from the start, as an address has it; nothing at the start. */
export function writeQuery(query: Query): string {
  const address = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== START[name as keyof Query]) address.set(name, String(value));
  return address.toString();
}
