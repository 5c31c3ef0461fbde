import { createHash, randomBytes } from 'node:crypto';

/** What Lambda hands to an invocation as `_X_AMZN_TRACE_ID`, and how often the function stands in the chain before it. */
export interface Trace {
  readonly header: string;
  readonly earlierRounds: number;
}

/**
 * After this many invocations of one function in one chain Lambda refuses the next
 * (aws.amazon.com/blogs/compute, "Detecting and stopping recursive loops in AWS Lambda functions").
 */
export const MAXIMUM_ROUNDS = 16;

/**
 * The trace of an invocation, from the header that its event carried: the same root, and a lineage in which the function
 * is counted once more. AWS documents that there is a lineage and not how it is written (docs.aws.amazon.com, X-Ray
 * concepts, Tracing header); here it is `id:count`, one for each function, with `|` between.
 */
export function continueTrace(carried: string | undefined, functionName: string): Trace {
  const fields = new Map((carried ?? '').split(';').map((field) => split(field, '=')));
  const lineage = new Map((fields.get('Lineage') ?? '').split('|').map((entry) => split(entry, ':')));
  const id = createHash('sha256').update(functionName).digest('hex').slice(0, 8);
  const earlierRounds = Number(lineage.get(id) ?? 0);
  lineage.set(id, String(earlierRounds + 1));
  const chain = [...lineage].filter(([key]) => key !== '').map(([key, count]) => `${key}:${count}`);
  const root = fields.get('Root') ?? `1-${hex(4)}-${hex(12)}`;
  const header = `Root=${root};Parent=${hex(8)};Sampled=0;Lineage=${chain.join('|')}`;
  return { header, earlierRounds };
}

function split(text: string, separator: string): [key: string, value: string] {
  const [key = '', value = ''] = text.split(separator, 2);
  return [key, value];
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
