import type { DoubtedRepository } from '../plan/doubt.ts';
import type { Account } from '../ports.ts';

/** Whose token calls about a repository are made with. */
export const accountOf = ({ owner, ownerType, installationId }: DoubtedRepository): Account => ({
  owner,
  ownerType,
  installationId,
});
