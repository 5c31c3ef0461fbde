import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type Account, accountLink, judged, looked, ok, warn } from '../link.ts';
import { askForMore } from '../quotas.ts';
import { REGION } from './identity.ts';

/** Below it a burst of deliveries meets the account's limit: a matrix of 256 jobs sends 256 in seconds. */
const LEAST_CONCURRENCY = 50;

const CONCURRENCY = looked('lambda:GetAccountSettings', async ({ aws }: Account) => {
  const { AccountLimit } = await new LambdaClient(aws).send(new GetAccountSettingsCommand({}));
  return AccountLimit?.ConcurrentExecutions ?? 0;
});

export const concurrency = accountLink({
  id: 'concurrency',
  title: 'Lambda has room for deliveries',
  tries: 'lambda:GetAccountSettings',
  needs: ['identity'],
  reads: { region: REGION, concurrency: CONCURRENCY },
  judge: (seen) =>
    judged(seen.concurrency, 'check whether Lambda is up (health.aws.amazon.com)', (count) =>
      count >= LEAST_CONCURRENCY
        ? ok(`${count} at once`)
        : warn(
            `${count} functions at once in all the account: a burst of deliveries is answered 503`,
            askForMore('functions', 1000, seen.region),
          ),
    ),
});
