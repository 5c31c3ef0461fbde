const page = (text: string, link: string) => ({ text, link });

/** By what a reader wants to do. */
export const SIDEBAR = [
  {
    text: 'Find out',
    items: [
      page('What oneshot is', '/'),
      page('Questions', '/docs/faq'),
      page('Comparison', '/docs/comparison'),
      page('Costs', '/docs/costs'),
      page('How it works', '/docs/how-it-works'),
      page('Words', '/docs/glossary'),
    ],
  },
  {
    text: 'Set it up',
    items: [
      page('Set up', '/docs/set-up'),
      page('Deploy', '/docs/deploy'),
      page('Configuration', '/docs/configuration'),
      page('Examples', '/examples/'),
      page('Move to oneshot', '/docs/migrate'),
      page('The first hour in an account', '/docs/first-hour'),
    ],
  },
  {
    text: 'Write workflows',
    items: [
      page('Labels', '/docs/labels'),
      page('What a job finds', '/docs/jobs'),
      page('Docker', '/docs/docker'),
    ],
  },
  {
    text: 'Run it',
    items: [
      page('Commands', '/docs/commands'),
      page('Operations', '/docs/operations'),
      page('Troubleshooting', '/docs/troubleshooting'),
      page('Exit codes and messages', '/docs/exit-codes'),
      page('Changes', '/CHANGELOG'),
    ],
  },
  {
    text: 'Judge it',
    items: [
      page('Security', '/docs/security'),
      page('Reliability', '/docs/reliability'),
      page('Performance', '/docs/performance'),
      page('The official runner', '/docs/official-runner'),
      page('What the functions need', '/docs/functions'),
    ],
  },
  {
    text: 'Work on it',
    collapsed: true,
    items: [
      page('Contributing', '/CONTRIBUTING'),
      page('Rules', '/docs/rules'),
      page('Facts', '/docs/facts/'),
      page('Decisions', '/docs/adr/'),
    ],
  },
];

export const TOP = [
  page('Questions', '/docs/faq'),
  page('Set up', '/docs/set-up'),
  page('Commands', '/docs/commands'),
];
