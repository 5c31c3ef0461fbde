/** The least that can verify a delivery: one SDK client for the secret, one call. */
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';

export async function handler(): Promise<{ statusCode: number }> {
  const ssm = new SSMClient({});
  await ssm.send(
    new GetParametersCommand({
      Names: [`${process.env['ONESHOT_PARAMETER_PATH']}/webhook-secret`],
      WithDecryption: true,
    }),
  );
  return { statusCode: 200 };
}
