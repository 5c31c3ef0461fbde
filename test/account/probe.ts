import type { Answer, Question, StagePort } from './questions.ts';

/** What is made for the questions, and taken away again. */
export interface ProbePort {
  deploy(): Promise<StagePort>;
  /** Takes away all that `deploy` made or began to make. */
  remove(): Promise<void>;
  /** How long after the removal the last questions are asked. */
  waitAfterRemoval(): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly asks: string;
  readonly verdict: Answer['verdict'] | 'not asked';
  readonly seen: string;
}

export interface Probed {
  readonly rows: readonly Row[];
  /** What is wrong with the deployment itself or its removal; nothing is left where there is none of the removal. */
  readonly problems: readonly string[];
}

interface ProbeOptions {
  /** Aborted when the person wants no more: what was made is still removed. */
  readonly signal: AbortSignal;
  /** What is called is not AWS but a stand-in. */
  readonly isStandIn: boolean;
  readonly tell: (line: string) => void;
}

/**
 * Deploys, asks each question in its order, and removes everything, whatever happened: a question that fails is open, a
 * deployment that fails or an interruption leaves the rest unasked. Never throws.
 */
export async function probe(
  questions: readonly Question[],
  port: ProbePort,
  options: ProbeOptions,
): Promise<Probed> {
  const problems: string[] = [];
  const rows = new Map<string, Row>();
  let stage: StagePort | undefined;
  try {
    options.tell('Deploying');
    stage = await port.deploy();
    await askAll(
      questions.filter(({ isAfterRemoval }) => !isAfterRemoval),
      { stage, rows, ...options },
    );
  } catch (error) {
    problems.push(`the deployment failed: ${wordsOf(error)}`);
  }
  try {
    options.tell('Removing');
    await port.remove();
    const last = questions.filter(({ isAfterRemoval }) => isAfterRemoval);
    if (stage !== undefined && !options.signal.aborted && last.some((one) => !whyNot(one, options))) {
      options.tell('Waiting for what comes after a removal');
      await port.waitAfterRemoval();
    }
    if (stage !== undefined) await askAll(last, { stage, rows, ...options });
  } catch (error) {
    problems.push(`THE REMOVAL FAILED, and something is left: ${wordsOf(error)}`);
  }
  return {
    rows: questions.map((one) => rows.get(one.id) ?? notAsked(one, 'there was no stage to ask')),
    problems,
  };
}

interface Asking extends ProbeOptions {
  readonly stage: StagePort;
  readonly rows: Map<string, Row>;
}

async function askAll(questions: readonly Question[], asking: Asking): Promise<void> {
  for (const question of questions) asking.rows.set(question.id, await askOne(question, asking));
}

async function askOne(question: Question, asking: Asking): Promise<Row> {
  const { id, asks } = question;
  const because = whyNot(question, asking);
  if (because !== undefined) return notAsked(question, because);
  asking.tell(`Asking: ${asks}`);
  try {
    return { id, asks, ...(await question.ask(asking.stage)) };
  } catch (error) {
    return { id, asks, verdict: 'open', seen: wordsOf(error) };
  }
}

function whyNot({ needsAws }: Question, { signal, isStandIn }: ProbeOptions): string | undefined {
  if (signal.aborted) return 'interrupted';
  return needsAws && isStandIn ? 'a stand-in for AWS enforces no permissions and runs no tasks' : undefined;
}

const notAsked = ({ id, asks }: Question, seen: string): Row => ({ id, asks, verdict: 'not asked', seen });

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
