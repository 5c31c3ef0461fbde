import { BASIS, HOSTED, HOURS_A_MONTH, PRICES, taskUsd } from './prices.ts';

/** What the figures need apart from prices: counted in the templates, or measured. */
export interface Counts {
  /** Metrics that alarms look at, without and with the image's pipeline. */
  readonly alarmMetrics: number;
  readonly pipelineAlarmMetrics: number;
  /** Functions, API, KMS, queue and logs, for BASIS.jobs (the bench's row `control-cost`). */
  readonly controlUsd: number;
}

export interface Figure {
  readonly what: string;
  readonly usd: number;
  /** What the figure is made of. */
  readonly by: string;
}

/** An idle sweep asks GitHub for deliveries and ECS for two lists; docs/functions.md has its memory. */
const SWEEP_GIB_SECONDS = 0.375 * 0.4;
const SWEEP_LOG_GIB = 600 / 2 ** 30;
const SWEEPS = HOURS_A_MONTH * 60;
/** Lambda polls a queue with five pollers at least, each for 20 s (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const POLLS = 5 * 3 * 60 * HOURS_A_MONTH;

/** A month in which no job runs. */
export function idleFigures({ alarmMetrics }: Pick<Counts, 'alarmMetrics'>): Figure[] {
  const sweep =
    PRICES.lambdaRequest + SWEEP_GIB_SECONDS * PRICES.lambdaGibSecond + SWEEP_LOG_GIB * PRICES.logGib;
  return [
    { what: 'The key', usd: PRICES.kmsKeyMonth, by: 'the same again for each of its first two rotations' },
    {
      what: 'Alarms',
      usd: alarmMetrics * PRICES.alarmMetricMonth,
      by: `${alarmMetrics} metrics that alarms look at; ten are free in an account`,
    },
    { what: 'Sweeps', usd: SWEEPS * sweep, by: `${whole(SWEEPS)}, each 0.4 s at 384 MiB, with their logs` },
    {
      what: 'Polling of the queue',
      usd: POLLS * PRICES.sqsFifoRequest,
      by: `at most ${whole(POLLS)} requests; a million is free in an account`,
    },
    {
      what: 'The dashboard',
      usd: PRICES.dashboardMonth,
      by: 'free among an account’s first three while it shows at most 50 metrics',
    },
  ];
}

export const total = (figures: readonly Figure[]): number => figures.reduce((sum, { usd }) => sum + usd, 0);

const NAT_USD = HOURS_A_MONTH * PRICES.natHour;
const ADDRESS_USD = HOURS_A_MONTH * PRICES.addressHour;

/** What each costs in a month, in which no job runs: a NAT gateway with its address, an endpoint in a zone, the pipeline. */
export const MONTH_USD = {
  natGateway: NAT_USD + ADDRESS_USD,
  endpoint: HOURS_A_MONTH * PRICES.endpointHour,
  builds: ((2 * 10 * 52) / 12) * PRICES.buildMinute,
  images: 20 * BASIS.imageGb * PRICES.ecrGbMonth,
} as const;

/** What a choice adds to a month, whether jobs run or not. */
export function choiceFigures({ pipelineAlarmMetrics, alarmMetrics }: Counts): Figure[] {
  const { natGateway, endpoint, builds, images } = MONTH_USD;
  return [
    {
      what: '`network: private`, a NAT gateway',
      usd: natGateway,
      by: `${amount(NAT_USD)}, and ${amount(ADDRESS_USD)} for its address; the same for each further zone with \`natGateways: per-zone\``,
    },
    { what: '`network: public` or `existing`', usd: 0, by: 'nothing runs while no task runs' },
    {
      what: '`endpoints`, each in each zone',
      usd: endpoint,
      by: `and ${price(PRICES.endpointGb)} a GB; all five in two zones are ${amount(endpoint * 10)}`,
    },
    {
      what: '`imagePipeline`, builds',
      usd: builds,
      by: 'two each week, ten minutes each',
    },
    {
      what: '`imagePipeline`, images',
      usd: images,
      by: `at most: ten builds for each architecture, at ${price(PRICES.ecrGbMonth)} a GB; builds share layers`,
    },
    {
      what: '`imagePipeline`, its alarm',
      usd: (pipelineAlarmMetrics - alarmMetrics) * PRICES.alarmMetricMonth,
      by: `${pipelineAlarmMetrics - alarmMetrics} metrics`,
    },
    {
      what: '`weeklySummary`, its alarm',
      usd: PRICES.alarmMetricMonth,
      by: 'and less than a cent for what it reads',
    },
  ];
}

const JOB_MINUTES = BASIS.jobMinutes + BASIS.bootMinutes;

/** What BASIS.jobs jobs cost in each of these. */
export const JOBS_USD = {
  tasks: BASIS.jobs * taskUsd(BASIS.vcpu, BASIS.memoryGiB, JOB_MINUTES),
  addresses: (BASIS.jobs * JOB_MINUTES * PRICES.addressHour) / 60,
  imageByNat: BASIS.jobs * BASIS.imageGb * PRICES.natGb,
  /** Half of the image, where one gateway is for two zones. */
  betweenZones: (BASIS.jobs * BASIS.imageGb * PRICES.zonesGb) / 2,
} as const;

/** For BASIS.jobs jobs. */
export function jobFigures({ controlUsd }: Counts): Figure[] {
  const { imageGb } = BASIS;
  const minutes = JOB_MINUTES;
  const { tasks, addresses, imageByNat, betweenZones } = JOBS_USD;
  return [
    { what: 'Tasks', usd: tasks, by: `${minutes} minutes each; at best ${amount(tasks * 0.3)} on Spot` },
    { what: 'Control plane', usd: controlUsd, by: 'functions, API, KMS, queue, logs (the bench’s row)' },
    {
      what: '`network: public`, addresses',
      usd: addresses,
      by: `${minutes} minutes each at ${price(PRICES.addressHour)} an hour`,
    },
    {
      what: '`network: private`, the official image through NAT',
      usd: imageByNat,
      by: `${imageGb} GB each at ${price(PRICES.natGb)} a GB; almost nothing from ECR, by the free S3 endpoint`,
    },
    {
      what: '`network: private`, between two zones',
      usd: betweenZones,
      by: `half of the image, with one NAT gateway for two zones, at ${price(PRICES.zonesGb)} a GB`,
    },
  ];
}

/** BASIS.jobs jobs on one of GitHub's own runners, and on a task of its size in `network: public`. */
export interface Beside {
  readonly hosted: (typeof HOSTED)[number];
  readonly hostedUsd: number;
  readonly hereUsd: number;
  /** Jobs a month from which on this is cheaper, what is paid while idle included. */
  readonly fromJobs: number;
}

export function besideHosted(counts: Counts): Beside[] {
  const { jobs, jobMinutes, bootMinutes } = BASIS;
  const minutes = jobMinutes + bootMinutes;
  const address = (minutes * PRICES.addressHour) / 60;
  return HOSTED.map((hosted) => {
    const hostedUsd = jobs * jobMinutes * hosted.minuteUsd;
    const task = taskUsd(hosted.vcpu, hosted.memoryGiB, minutes, hosted.arch);
    const hereUsd = jobs * (task + address) + counts.controlUsd;
    const fromJobs = Math.ceil((total(idleFigures(counts)) * jobs) / (hostedUsd - hereUsd));
    return { hosted, hostedUsd, hereUsd, fromJobs };
  });
}

/** Single figures that other guides name. */
export function singleFigures(): Figure[] {
  const hour = (vcpu: number, memoryGiB: number) => 1_000 * taskUsd(vcpu, memoryGiB, 60);
  return [
    {
      what: 'A custom metric, for each hour in which it is emitted',
      usd: PRICES.metricMonth / HOURS_A_MONTH,
      by: `${price(PRICES.metricMonth)} a month; nothing while idle`,
    },
    { what: 'A GiB of logs', usd: PRICES.logGib, by: 'once, when it is written' },
    {
      what: 'An unservable job',
      usd: taskUsd(0.25, 0.5, 2),
      by: 'a task of 0.25 vCPU and 0.5 GiB for two minutes',
    },
    {
      what: 'A GB through NAT for 1,000 jobs',
      usd: 1_000 * PRICES.natGb,
      by: 'times the image’s compressed size',
    },
    { what: '1,000 tasks of 4 vCPU and 16 GiB, an hour', usd: hour(4, 16), by: 'the limits as shipped' },
    { what: '1,000 tasks of 16 vCPU and 32 GiB, an hour', usd: hour(16, 32), by: 'a larger limit' },
  ];
}

const whole = (count: number): string => count.toLocaleString('en');

/** A list price, exactly. */
export const price = (usd: number): string => `$${usd.toFixed(3).replace(/0$/, '')}`;

/** A rounded figure: cents, whole dollars from a hundred up, one digit below a cent. */
export function amount(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.01) return `$${usd.toPrecision(1)}`;
  return `$${usd.toFixed(usd >= 100 ? 0 : 2).replace(/\.00$/, '')}`;
}
