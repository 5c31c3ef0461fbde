/**
 * A message or an event that no retry would make readable. It goes to the dead-letter queue at once, for a person:
 * left to the queue's own redrive it would hold up its repository three times over.
 */
export interface DeadLetter {
  /** The same for the same message: burying it twice keeps one. */
  readonly id: string;
  /** As it came, or `events`: dead letters are in a FIFO queue too. */
  readonly group: string;
  /** As it came. Not empty, as SQS takes no empty message. */
  readonly body: string;
  /** What is wrong with it. Nothing of its values. */
  readonly reason: string;
}

export interface DeadLetterPort {
  /** Throws ServiceError: then nothing is known to be kept. */
  bury(letter: DeadLetter): Promise<void>;
}
