import { idleFigures, JOBS_USD, MONTH_USD, total } from '../../../bench/figures.ts';
import { BASIS } from '../../../bench/prices.ts';
import results from '../../../bench/results.json' with { type: 'json' };
import type { Template } from '../../../infra/template.ts';

/** What a deployment costs, at list prices of us-east-1 without free tiers: an estimate (docs/costs.md). US dollars. */
export interface Price {
  /** A month in which no job runs. */
  readonly idleUsd: number;
  /** The jobs of JOBS_OF_A_PRICE, tasks and all. */
  readonly jobsUsd: number;
}

export const JOBS_OF_A_PRICE = `${BASIS.jobs.toLocaleString('en')} jobs of ${BASIS.jobMinutes} minutes on ${BASIS.vcpu} vCPU and ${BASIS.memoryGiB} GiB`;

const CONTROL_USD = results.find(({ id }) => id === 'control-cost')?.measured ?? 0;

/** Of a template without conditions. Pure. */
export function priceOf(template: Template): Price {
  return { idleUsd: idleUsd(template), jobsUsd: JOBS_USD.tasks + CONTROL_USD + networkUsd(template) };
}

const ofType = ({ Resources }: Template, type: string): Properties[] =>
  Object.values(Resources).flatMap(({ Type, Properties = {} }) => (Type === type ? [Properties] : []));

type Properties = Readonly<Record<string, unknown>>;

function idleUsd(template: Template): number {
  const alarmMetrics = ofType(template, 'AWS::CloudWatch::Alarm').reduce((sum, one) => sum + metrics(one), 0);
  const endpoints = ofType(template, 'AWS::EC2::VPCEndpoint').reduce((sum, one) => sum + zonesOf(one), 0);
  const hasPipeline = ofType(template, 'AWS::CodeBuild::Project').length > 0;
  return (
    total(idleFigures({ alarmMetrics })) +
    ofType(template, 'AWS::EC2::NatGateway').length * MONTH_USD.natGateway +
    endpoints * MONTH_USD.endpoint +
    (hasPipeline ? MONTH_USD.builds + MONTH_USD.images : 0)
  );
}

/** An alarm on an expression is billed for each metric in it. */
function metrics({ Metrics }: Properties): number {
  if (!Array.isArray(Metrics)) return 1;
  return Metrics.filter((one: unknown) => Object(one).MetricStat !== undefined).length;
}

/** An interface endpoint is billed in each of its zones, a gateway endpoint nowhere. */
const zonesOf = ({ VpcEndpointType, SubnetIds }: Properties): number =>
  VpcEndpointType === 'Interface' && Array.isArray(SubnetIds) ? SubnetIds.length : 0;

/** What the network adds to the jobs: addresses, or the image by NAT and from zone to zone. */
function networkUsd(template: Template): number {
  if (assignsPublicIp(template)) return JOBS_USD.addresses;
  const gateways = ofType(template, 'AWS::EC2::NatGateway').length;
  if (gateways === 0 || isInEcr(template)) return 0;
  return JOBS_USD.imageByNat + (gateways === 1 ? JOBS_USD.betweenZones : 0);
}

const assignsPublicIp = (template: Template): boolean =>
  ofType(template, 'AWS::Lambda::Function').some(
    ({ Environment }) => Object(Object(Environment).Variables).ONESHOT_ASSIGN_PUBLIC_IP === 'ENABLED',
  );

/** The pipeline's image is not a text: it refers to the repository. */
const isInEcr = (template: Template): boolean =>
  ofType(template, 'AWS::ECS::TaskDefinition').some(({ ContainerDefinitions }) => {
    const image: unknown = Object([ContainerDefinitions].flat()[0]).Image;
    return typeof image === 'object' || /\.dkr[.-]ecr\./.test(String(image));
  });
