import { isName } from './names.ts';

/** A repository as a doubt and a task's environment carry it: enough to reconcile it without asking anybody. */
export interface DoubtedRepository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly ownerType: 'Organization' | 'User';
  readonly isPublic: boolean;
  /** As the payload said; may be absent or wrong, then it is looked up by owner. */
  readonly installationId: number | undefined;
}

/** DOUBT(repository): its supply may not match its demand. Says nothing else, so losing one costs time only. */
export interface Doubt {
  readonly repository: DoubtedRepository;
}

const MINUTE_MS = 60_000;

/** One group a repository: its doubts are reconciled one after another, and never hold up another's (rule 12). */
export const groupIdOf = ({ repository }: Doubt): string => String(repository.id);

/**
 * Repository and minute (rule 12): a burst is one message. The queue's delay is longer than a minute, so that a
 * message is received only when nothing can be deduplicated against it any more.
 */
export const deduplicationIdOf = ({ repository }: Doubt, nowMs: number): string =>
  `${repository.id}-${Math.floor(nowMs / MINUTE_MS)}`;

export const writeDoubt = (doubt: Doubt): string => JSON.stringify(doubt);

/** Reads a queue message's body. Total: a malformed one is `undefined`, and goes to the dead-letter queue. */
export function readDoubt(body: string): Doubt | undefined {
  try {
    const { repository } = JSON.parse(body) as { repository?: Partial<DoubtedRepository> };
    const { id, owner, name, ownerType, isPublic, installationId } = repository ?? {};
    const isSound = Number.isSafeInteger(id) && Number(id) > 0 && isName(owner) && isName(name);
    if (!isSound || (ownerType !== 'Organization' && ownerType !== 'User')) return undefined;
    const installation = Number.isSafeInteger(installationId) ? installationId : undefined;
    return {
      repository: {
        id: Number(id),
        owner: String(owner),
        name: String(name),
        ownerType,
        isPublic: isPublic !== false,
        installationId: installation,
      },
    };
  } catch {
    return undefined;
  }
}
