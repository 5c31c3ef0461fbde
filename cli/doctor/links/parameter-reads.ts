import { GetServiceSettingCommand } from '@aws-sdk/client-ssm';
import { judged, link, looked, ok, warn } from '../link.ts';
import { ERRORS } from './errors.ts';

const THROUGHPUT_FIX =
  'switch higher throughput on (Systems Manager, Parameter Store, Settings); each read then costs $0.05 per 10,000';

const HAS_PARAMETER_THROUGHPUT = looked('ssm:GetServiceSetting', async ({ ssm }) => {
  const SettingId = '/ssm/parameter-store/high-throughput-enabled';
  const { ServiceSetting } = await ssm.send(new GetServiceSettingCommand({ SettingId }));
  return ServiceSetting?.SettingValue === 'true';
});

export const parameterReads = link({
  id: 'parameter-reads',
  title: 'Parameter Store has room for cold starts',
  tries: 'ssm:GetServiceSetting of its throughput, and throttles in the functions’ logs of the last hour',
  needs: ['identity'],
  reads: { errors: ERRORS, hasParameterThroughput: HAS_PARAMETER_THROUGHPUT },
  judge: ({ hasParameterThroughput, errors }) =>
    judged(
      hasParameterThroughput,
      'check whether Systems Manager is up (health.aws.amazon.com)',
      (isRaised) => {
        // docs.aws.amazon.com, Systems Manager quotas: 40 Get calls a second, shared by the account.
        if (isRaised) return ok('higher throughput is switched on');
        const isThrottled = errors.some((error) => /\bssm\b.*(throttl|rate exceeded)/i.test(error));
        return isThrottled
          ? warn('40 reads a second were not enough: deliveries were answered 503', THROUGHPUT_FIX)
          : ok('40 reads a second');
      },
    ),
});
