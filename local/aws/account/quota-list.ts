/** Some quotas as Service Quotas shows them in an account of some age (aws service-quotas list-service-quotas). */
export const QUOTAS = [
  { service: 'lambda', code: 'L-B99A9384', name: 'Concurrent executions', usual: 1000 },
  { service: 'fargate', code: 'L-3032A538', name: 'Fargate On-Demand vCPU resource count', usual: 256 },
  { service: 'fargate', code: 'L-36FBB829', name: 'Fargate Spot vCPU resource count', usual: 256 },
  {
    service: 'ec2',
    code: 'L-1216C47A',
    name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
    usual: 256,
  },
  { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs per Region', usual: 5 },
  { service: 'ec2', code: 'L-0263D0A3', name: 'EC2-VPC Elastic IPs', usual: 5 },
  {
    service: 'codebuild',
    code: 'L-9D07B6EF',
    name: 'Concurrently running builds for Linux/Small environment',
    usual: 20,
  },
  {
    service: 'codebuild',
    code: 'L-5ED1D25B',
    name: 'Concurrently running builds for ARM/Small environment',
    usual: 20,
  },
] as const;
