import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { TREE } from '../fixtures/tree.ts';
import { linksOf, sectionsOf } from './markdown.ts';

interface Question {
  readonly question: string;
  /** Where its answer is in docs/faq.md, one click from the README. */
  readonly section: string;
  readonly answer: RegExp;
  /** The second click, for all there is to know. */
  readonly more: string;
}

const QUESTIONS: readonly Question[] = [
  {
    question: 'queued for 10 minutes',
    section: 'my-job-has-been-queued-for-10-minutes',
    answer: /oneshot doctor --job https/,
    more: 'docs/operations.md#a-job-does-not-start',
  },
  {
    question: '8 vCPU arm64',
    section: 'how-do-i-get-8-vcpu-on-arm64',
    answer: /runs-on: fargate\/cpu=8\/arch=arm64[\s\S]*limits:/,
    more: 'docs/labels.md',
  },
  {
    question: 'a second organisation',
    section: 'how-do-i-add-a-second-organisation',
    answer: /setup --deploy --watch --org globex[\s\S]*Make public/,
    more: 'docs/security.md#a-stranger-who-installs-a-public-app-get-runners-on-our-bill',
  },
  {
    question: 'my own image',
    section: 'can-i-use-an-image-of-my-own',
    answer: /Dockerfile/,
    more: 'docs/deploy.md#an-image-of-your-own',
  },
  {
    question: 'rotate the key',
    section: 'how-do-i-rotate-the-apps-key',
    answer: /second key, store it, check, delete the first/,
    more: 'docs/operations.md#rotating-the-apps-key',
  },
  {
    question: 'what does it cost',
    section: 'what-does-it-cost',
    answer: /\$5\.84 a month[\s\S]*oneshot cost/,
    more: 'docs/costs.md',
  },
  {
    question: 'GHES',
    section: 'does-it-work-with-github-enterprise-server',
    answer: /--github-url/,
    more: 'docs/set-up.md#from-a-script-over-ssh-on-an-enterprise-server',
  },
  {
    question: 'upgrade',
    section: 'how-do-i-upgrade-and-go-back',
    answer: /running jobs are not touched/,
    more: 'docs/deploy.md#upgrade-and-rollback',
  },
  {
    question: 'Docker',
    section: 'does-docker-work',
    answer: /On Fargate, no: `docker build`/,
    more: 'docs/operations.md#docker-style-jobs-on-fargate',
  },
  {
    question: 'caches',
    section: 'do-caches-work',
    answer: /`actions\/cache` works/,
    more: 'docs/jobs.md#a-bucket-of-your-own',
  },
  {
    question: 'remove it',
    section: 'how-do-i-remove-it',
    answer: /oneshot teardown/,
    more: 'docs/deploy.md#removal',
  },
  {
    question: 'limit it',
    section: 'how-do-i-limit-what-runs',
    answer: /`limits` .*`concurrency`/,
    more: 'docs/configuration.md#runnersyml',
  },
];

const page = (file: string): string => TREE.get(file) ?? '';
const ANSWERS = 'docs/faq.md';

/** The addresses of a text's links, from the top of the repository. */
const clicksFrom = (file: string, text: string): readonly string[] =>
  linksOf(text).map((address) => path.posix.join(path.posix.dirname(file), address));

describe('a question of an operator', () => {
  it('should find its page one click from the README', () => {
    expect(clicksFrom('README.md', page('README.md'))).toContain(ANSWERS);
    expect(QUESTIONS).toHaveLength(12);
  });

  it.each(QUESTIONS)('should be answered there, and in full a click further: $question', (asked) => {
    const section = sectionsOf(page(ANSWERS)).get(asked.section) ?? '';
    expect(section).toMatch(asked.answer);
    expect(clicksFrom(ANSWERS, section)).toContain(asked.more);
  });
});
