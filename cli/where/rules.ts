/** What a stage, a region, a profile and a GitHub look like: one rule each, for options, variables and `oneshot.yml`. */

import { guessRegion, isRegionName } from '../regions.ts';

export interface Rule {
  readonly isValid: (text: string) => boolean;
  /** What it must be, in words. */
  readonly must: string;
  /** What was meant, as the end of a sentence. */
  readonly guess?: (text: string) => string;
}

const ruleOf = (pattern: RegExp, must: string): Rule => ({ isValid: (text) => pattern.test(text), must });

export const STAGE = ruleOf(
  /^[a-z0-9]+(-[a-z0-9]+)*$/,
  'lower-case letters, digits and single hyphens, like prod',
);
export const REGION: Rule = {
  isValid: isRegionName,
  must: 'an AWS region, like eu-central-1',
  guess: guessRegion,
};
export const PROFILE = ruleOf(/^\S(.*\S)?$/, 'the name of a profile in ~/.aws/config');

/** The address that people open, not the API's. Plain HTTP is for this machine only, because keys travel there. */
export const GITHUB_URL: Rule = {
  isValid(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isSafe = url?.protocol === 'https:' || url?.hostname === '127.0.0.1';
    const isBare = url?.pathname === '/' && url.search === '' && url.username === '' && url.password === '';
    return isSafe && isBare;
  },
  must: 'the address that people open, like https://github.example.com, without /api/v3',
};
