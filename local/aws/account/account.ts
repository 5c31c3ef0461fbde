import type { Template } from '../../../infra/template.ts';
import { readInfraPolicy } from '../iam/deployer.ts';
import type { Statement } from '../iam/evaluate.ts';
import { QUOTAS } from './quota-list.ts';

/** A message as the topic's subscribers get it. */
interface TopicMessage {
  readonly subject: string | undefined;
  readonly message: string;
}

/** A deployed function, as Lambda shows it. */
export interface FunctionRecord {
  readonly name: string;
  readonly role: string;
  readonly environment: Readonly<Record<string, string>>;
  state: 'Active' | 'Pending' | 'Inactive' | 'Failed';
  lastUpdate: 'Successful' | 'Failed' | 'InProgress';
  /** `undefined`: it shares the account's. 0: it answers nobody. */
  reservedConcurrency: number | undefined;
  /** Of the queue that feeds it; `undefined` where none does. */
  eventSource: 'Enabled' | 'Disabled' | undefined;
}

export interface StackEvent {
  /** No other event has it. */
  readonly id: string;
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** A change that was asked for, by its name; `undefined` where the template changes nothing. */
interface ChangeSet {
  readonly isFirst: boolean;
  readonly template: Template | undefined;
}

/** A stack, as CloudFormation shows it. */
export interface Stack {
  readonly name: string;
  status: string;
  outputs: Readonly<Record<string, string>>;
  tags?: Readonly<Record<string, string>>;
  /** `undefined` of one that was not deployed by a template: the world's own. */
  template?: Template;
  /** Of its last change, oldest first. */
  events?: readonly StackEvent[];
}

/** An object of a bucket. */
interface StoredObject {
  readonly body: Buffer;
  /** `x-amz-meta-*`, as they were sent. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A build of the image's pipeline. */
export interface BuildRecord {
  readonly id: string;
  /** How it ends. */
  readonly verdict: 'SUCCEEDED' | 'FAILED';
  /** How many phases have been shown of it. */
  shown: number;
}

/** Where tasks run. */
export interface Network {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
  /** Target of the route to everywhere: `nat-...`, `igw-...`; `undefined` for none. */
  wayOut: string | undefined;
  /** Ports that the groups let out; `undefined` for all. */
  egressPort: number | undefined;
}

/**
 * What AWS knows of the account besides its services' own data: the stack, the functions, quotas, the network, what
 * its roles are denied. Any holder may change it, as people do in a console.
 */
export class Account {
  readonly id: string;
  readonly region: string;
  stack: Stack | undefined;
  /** What a stack's outputs are where they name what the world has, as the webhook's address. */
  worldOutputs: Readonly<Record<string, string>> = {};
  /** Changes that were asked for and not made yet. */
  readonly changeSets = new Map<string, ChangeSet>();
  /** What is in buckets, by `BUCKET/KEY`. */
  readonly objects = new Map<string, StoredObject>();
  readonly functions = new Map<string, FunctionRecord>();
  /** Whether the service-linked role of ECS is there. */
  hasEcsRole = false;
  /** Providers of Managed Instances of the cluster, by name. One that is not here does not exist. */
  readonly managedProviders = new Map<string, 'ACTIVE' | 'DEPROVISIONING'>();
  /** Somebody has deleted the service-linked role of Managed Instances. */
  lacksComputeRole = false;
  /** Functions that may run at once. */
  concurrency = 1000;
  /** What Lambda leaves to functions without a reservation, at least; it refuses to reserve past it. */
  leastUnreserved = 100;
  /** What was published to each topic, by its ARN. A topic that is not here does not exist. */
  readonly topics = new Map<string, TopicMessage[]>();
  /** Applied quotas, by Service Quotas' codes. One that is not here has its default only. */
  readonly quotas = new Map<string, number>(QUOTAS.map(({ code, usual }) => [code, usual]));
  /** VPCs and elastic addresses besides the stack's. */
  others = { vpcs: 1, addresses: 0 };
  /** What GuardDuty keeps in the stack's VPC: endpoints with their states, and security groups. */
  readonly guardDuty = { endpoints: new Map<string, 'available' | 'deleting'>(), groups: new Set<string>() };
  network: Network = { vpcId: '', subnetIds: [], groupIds: [], wayOut: undefined, egressPort: undefined };
  /** By project, the newest first. A project that is not here does not exist. */
  readonly imageBuilds = new Map<string, BuildRecord[]>();
  /** How builds end that are started from now on. */
  nextBuild: BuildRecord['verdict'] = 'SUCCEEDED';
  /** Actions (`ecs:RunTask`) that the functions' roles are denied, whatever their policies say. */
  readonly denied = new Set<string>();
  /** What the deployer may do: of the policies of the guide, until somebody changes them. */
  deployerPolicy: readonly Statement[] = readInfraPolicy('deployer-policy.json');

  constructor(id: string, region: string) {
    this.id = id;
    this.region = region;
  }

  /** Whether Lambda runs it: not when it is closed. */
  isOpen(functionName: string): boolean {
    return this.functions.get(functionName)?.reservedConcurrency !== 0;
  }

  /** Whether its queue feeds it. */
  isFed(functionName: string): boolean {
    return this.isOpen(functionName) && this.functions.get(functionName)?.eventSource !== 'Disabled';
  }
}
