import { readCounts } from '../counts.ts';
import { amount, choiceFigures, idleFigures, total } from '../figures.ts';
import { PRICES } from '../prices.ts';
import type { Bench, Row } from '../row.ts';

/** What the account is billed for in a month in which no job runs, free tiers left out. */
export const idle: Bench = async () => {
  const counts = readCounts();
  const figures = idleFigures(counts);
  const parts = figures.map(({ what, usd }) => `${what} ${amount(usd)}`).join(', ');
  const row = (mode: string, ofMode: number): Row => ({
    id: `idle-${mode}`,
    what: `Idle cost a month, network=${mode}`,
    unit: '$',
    measured: total(figures) + ofMode,
    bound: PRICES.kmsKeyMonth + ofMode,
    boundIs: 'the key, and what the mode itself costs',
    goal: PRICES.kmsKeyMonth + ofMode,
    goalIs: '$1, the key, and what the mode itself costs',
    peer: '1.60 (secrets) and NAT; NAT',
    note: `${parts}. A sweep is taken to last 0.4 s, which is not measured on Lambda.`,
  });
  const [nat] = choiceFigures(counts);
  return [row('public', 0), row('private', nat?.usd ?? 0)];
};
