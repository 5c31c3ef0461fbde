/** Written by `npm run prices` from AWS's price list; not by hand. US dollars an hour: a vCPU and a GiB, for Linux. */
export interface RegionPrices {
  readonly x64?: readonly [vcpu: number, memoryGiB: number];
  readonly arm64?: readonly [vcpu: number, memoryGiB: number];
  /** A GiB beyond those that every task has. */
  readonly storageGiB?: number;
}

/** When AWS published the list (a date), and where these figures were read. */
export const PRICE_LIST = {
  published: '2026-09-11',
  source: 'AWS’s price list of AmazonECS, as public repositories read it: docs/facts/aws.md, AWS-80',
} as const;

// biome-ignore format: one line a region, so that a diff shows whose price has changed
export const FARGATE_PRICES: Readonly<Record<string, RegionPrices>> = {
  'af-south-1': { x64: [0.0546, 0.006] },
  'ap-east-1': { x64: [0.0556, 0.0061] },
  'ap-northeast-1': { x64: [0.05056, 0.00553], arm64: [0.04045, 0.00442], storageGiB: 0.000133 },
  'ap-northeast-2': { x64: [0.04656, 0.00511], arm64: [0.03725, 0.00409] },
  'ap-south-1': { x64: [0.04256, 0.004655], arm64: [0.02383, 0.00261] },
  'ap-southeast-1': { x64: [0.05056, 0.00553], arm64: [0.04045, 0.00442] },
  'ap-southeast-2': { x64: [0.04856, 0.00532], arm64: [0.03885, 0.00426] },
  'ca-central-1': { x64: [0.04456, 0.004865] },
  'eu-central-1': { x64: [0.04656, 0.00511] },
  'eu-north-1': { x64: [0.0445, 0.0049] },
  'eu-south-1': { x64: [0.0486, 0.0053] },
  'eu-west-1': { x64: [0.04048, 0.004445], arm64: [0.03238, 0.00356] },
  'eu-west-2': { x64: [0.04656, 0.00511], arm64: [0.03725, 0.00409], storageGiB: 0.000129 },
  'eu-west-3': { x64: [0.0486, 0.0053] },
  'me-south-1': { x64: [0.0526, 0.0058] },
  'sa-east-1': { x64: [0.0696, 0.0076], arm64: [0.0557, 0.00612] },
  'us-east-1': { x64: [0.04048, 0.004445], arm64: [0.03238, 0.00356], storageGiB: 0.000111 },
  'us-east-2': { x64: [0.04048, 0.004445], storageGiB: 0.000111 },
  'us-gov-east-1': { x64: [0.0486, 0.0053] },
  'us-gov-west-1': { x64: [0.0486, 0.0053] },
  'us-west-1': { x64: [0.04656, 0.00511] },
  'us-west-2': { x64: [0.04048, 0.004445], storageGiB: 0.000111 },
};
