import { vi } from 'vitest';

// One file, as its cases wait more than they work: a file for each would run one after the other. More at once are no
// faster on two cores, and their real seconds then measure the load.
vi.setConfig({ maxConcurrency: 6, testTimeout: 600_000 });

await import('./script.cases.ts');
await import('./environment.cases.ts');
await import('./grant.cases.ts');
await import('./exit-codes.cases.ts');
await import('./contract.cases.ts');
await import('./unsealing.cases.ts');
await import('./unsealing-fuzz.cases.ts');
await import('./network.cases.ts');
await import('./limits.cases.ts');
await import('./rejection.cases.ts');
await import('./want.cases.ts');
await import('./docker.cases.ts');
await import('./signals.cases.ts');
await import('./secrets.cases.ts');
await import('./hostile-job.cases.ts');
await import('./random.cases.ts');
