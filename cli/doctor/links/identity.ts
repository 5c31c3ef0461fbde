import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Account, accountLink, judged, looked, ok, type Reading } from '../link.ts';

const IDENTITY = looked('sts:GetCallerIdentity', async ({ aws, region }: Account) => {
  const { Arn = 'nobody' } = await new STSClient(aws).send(new GetCallerIdentityCommand({}));
  return { arn: Arn, region };
});

/** For commands that somebody is to paste. */
export const REGION: Reading<string, Account> = async (_, ask) => {
  const identity = await ask(IDENTITY);
  return identity.kind === 'read' ? identity.value.region : 'REGION';
};

export const identity = accountLink({
  id: 'identity',
  title: 'AWS knows who asks',
  tries: 'sts:GetCallerIdentity with the credentials of this shell',
  needs: [],
  reads: { identity: IDENTITY },
  judge: ({ identity: look }) =>
    judged(look, 'sign in (aws sso login, or AWS_PROFILE), and give --region', ({ arn, region }) =>
      ok(`${arn} in ${region}`),
    ),
});
