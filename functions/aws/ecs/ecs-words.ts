/**
 * Words of ECS that come both in RunTask's answer and in a task's stopped reason. The codes beside them do not tell the two
 * causes apart, and only a lack of capacity may fall back from Spot (rule 6): on-demand gets no address either.
 */

/**
 * aws/containers-roadmap#852, #2034; docs.aws.amazon.com, Amazon ECS API failure reasons. To be tried after `NO_ADDRESS`,
 * as an interface is a `RESOURCE:` too.
 */
export const NO_CAPACITY = /capacity is unavailable|no capacity|insufficient capacity|RESOURCE:/i;

/** nabu#1259 (InsufficientFreeAddressesInSubnet); re:Post, tasks for AWS Fargate stuck in PENDING (network interface). */
export const NO_ADDRESS =
  /InsufficientFreeAddresses|(?:insufficient|(?:not|does not have) enough|no) free (?:IP )?addresses|network interface|\bENI\b/i;
