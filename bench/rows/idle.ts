import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PRICES } from '../prices.ts';
import type { Bench, Row } from '../row.ts';

const INFRA = path.join(import.meta.dirname, '../../infra');
const SWEEPS_A_MONTH = 30 * 24 * 60;
/** An idle sweep asks GitHub for deliveries and ECS for two lists; docs/functions.md has its memory. */
const SWEEP_GIB_SECONDS = 0.375 * 0.4;
const SWEEP_LOG_BYTES = 600;

/** What the account is billed for in a month in which no job runs, free tiers left out but for the dashboard. */
export const idle: Bench = async () => {
  const text = await readFile(path.join(INFRA, 'observability.yml'), 'utf8');
  const alarms = text.match(/Type: AWS::CloudWatch::Alarm/g)?.length ?? 0;
  const sweeps =
    SWEEPS_A_MONTH *
    (PRICES.lambdaRequest + SWEEP_GIB_SECONDS * PRICES.lambdaGibSecond + SWEEP_LOG_BYTES * PRICES.logByte);
  const least = PRICES.kmsKeyMonth + alarms * PRICES.alarmMonth + sweeps;
  const row = (mode: string, measured: number, boundUsd: number, goal: number): Row => ({
    id: `idle-${mode}`,
    what: `Idle cost a month, network=${mode}`,
    unit: '$',
    measured,
    bound: boundUsd,
    boundIs: 'the key, and what the mode itself costs',
    goal,
    goalIs: '$1, the key, and what the mode itself costs',
    peer: '1.60 (secrets) and NAT; NAT',
    note: `The key $1, ${alarms} alarms ${(alarms * PRICES.alarmMonth).toFixed(2)} (ten are free in an account), 43,200 sweeps ${sweeps.toFixed(2)} (at 0.4 s each, not measured on Lambda), and the dashboard $3 where the account has three others.`,
  });
  const [key, nat] = [PRICES.kmsKeyMonth, PRICES.natGatewayMonth];
  return [row('public', least, key, key), row('private', least + nat, key + nat, key + nat)];
};
