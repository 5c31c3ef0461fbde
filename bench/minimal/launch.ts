/** The least that can launch: one SDK client, one `fetch` to GitHub. What is measured beside it cannot do with less. */
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';

export async function handler(): Promise<{ statusCode: number }> {
  const ecs = new ECSClient({});
  const answer = await fetch(
    `${process.env['GITHUB_API_URL']}/orgs/acme/actions/runners/generate-jitconfig`,
    {
      method: 'POST',
      body: '{}',
    },
  );
  await answer.json();
  await ecs.send(new RunTaskCommand({ taskDefinition: 'oneshot-bench-x64', cluster: 'oneshot-bench' }));
  return { statusCode: 202 };
}
