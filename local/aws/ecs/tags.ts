import type { Tag } from '@aws-sdk/client-ecs';
import { AwsError } from '../errors.ts';

/** ECS API reference: Tag. At most 50; keys to 128, values to 256 characters; `aws:` is reserved. */
const MAXIMUM_TAGS = 50;
const CHARACTERS = /^[\p{L}\p{N}\p{Zs}_.:/=+\-@]*$/u;

/** Refuses tags that ECS refuses. `kept` are those that the resource has already. */
export function checkTags(tags: readonly Tag[], kept: readonly Tag[] = []): void {
  const keys = tags.map(({ key }) => key ?? '');
  if (new Set(keys).size < keys.length)
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  const all = new Set([...keys, ...kept.map(({ key }) => key ?? '')]);
  if (all.size > MAXIMUM_TAGS) throw invalid(`Tags can not have more than ${MAXIMUM_TAGS} elements.`);
  for (const tag of tags) checkTag(tag.key ?? '', tag.value ?? '');
}

function checkTag(key: string, value: string): void {
  if (key.length < 1 || key.length > 128) {
    throw invalid('Tag key has invalid length. Tag keys should be 1 to 128 characters long.');
  }
  if (value.length > 256) {
    throw invalid('Tag value has invalid length. Tag values should be at most 256 characters long.');
  }
  if (/^aws:/i.test(key)) throw invalid('Tag keys starting with the aws: prefix are reserved for AWS use.');
  if (CHARACTERS.test(key) && CHARACTERS.test(value)) return;
  throw invalid(
    'Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and _ . / = + - : @.',
  );
}

/** Later tags win over earlier ones of the same key. */
export function mergeTags(...lists: readonly (readonly Tag[])[]): Tag[] {
  return [...new Map(lists.flat().map((tag) => [tag.key, tag])).values()];
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
