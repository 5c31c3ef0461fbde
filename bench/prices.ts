/**
 * US dollars in us-east-1, without free tiers. Sources: aws.amazon.com/{lambda,api-gateway,kms,sqs,cloudwatch,
 * eventbridge,vpc}/pricing, as the price lists stood in 2026.
 */
export const PRICES = {
  lambdaRequest: 0.2 / 1e6,
  /** arm64. */
  lambdaGibSecond: 0.000_013_333_4,
  httpApiRequest: 1 / 1e6,
  /** Encrypt and Decrypt of a symmetric key. */
  kmsRequest: 0.03 / 1e4,
  sqsFifoRequest: 0.5 / 1e6,
  /** Standard class, ingestion. */
  logByte: 0.5 / 2 ** 30,
  kmsKeyMonth: 1,
  alarmMonth: 0.1,
  /** A NAT gateway, and its public address. */
  natGatewayMonth: 730 * (0.045 + 0.005),
} as const;
