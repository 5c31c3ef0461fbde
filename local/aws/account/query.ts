import type { Principal } from '../keyring.ts';
import type { Account } from './account.ts';
import { cloudFormationActions } from './cloudformation.ts';
import { ec2Actions } from './ec2.ts';
import { iamActions } from './iam.ts';
import { snsActions } from './sns.ts';
import type { Xml } from './xml.ts';

type QueryAction = (input: URLSearchParams, account: Account, caller: Principal) => Answer | Promise<Answer>;

interface Answer {
  readonly [name: string]: Xml | readonly Xml[] | undefined;
}

/** A service of the Query protocol: by the name in its signature. */
export interface QueryService {
  readonly version: string;
  readonly actions: Readonly<Record<string, QueryAction>>;
}

/** Those that the command line and the weekly summary ask. */
export const QUERY_SERVICES = {
  sts: { version: '2011-06-15', actions: { GetCallerIdentity: callerIdentity } },
  cloudformation: { version: '2010-05-15', actions: cloudFormationActions },
  iam: { version: '2010-05-08', actions: iamActions },
  ec2: { version: '2016-11-15', actions: ec2Actions },
  sns: { version: '2010-03-31', actions: snsActions },
} satisfies Record<string, QueryService>;
export type QueryApi = keyof typeof QUERY_SERVICES;

function callerIdentity(_: URLSearchParams, account: Account, { arn }: Principal) {
  return { Arn: arn, UserId: `AIDA${account.id}`, Account: account.id };
}
