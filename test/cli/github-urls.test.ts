import { describe, expect, it } from 'vitest';
import { urlsOfApi, urlsOfWeb } from '../../cli/github-urls.ts';
import { findProblems } from '../../infra/parameters.ts';
import { parametersWith } from '../infra/variants.ts';

describe.each([
  ['github.com', 'https://github.com', 'https://api.github.com'],
  ['an enterprise with data residency', 'https://acme.ghe.com', 'https://api.acme.ghe.com'],
  ['an Enterprise Server', 'https://github.example.com', 'https://github.example.com/api/v3'],
  [
    'a server whose name begins as one of GitHub’s',
    'https://ghe.com.example',
    'https://ghe.com.example/api/v3',
  ],
])('%s', (_, web, api) => {
  it('should be known by where people go, and by its API, with or without a slash at the end', () => {
    for (const end of ['', '/']) {
      expect(urlsOfWeb(`${web}${end}`)).toEqual({ web, api });
      expect(urlsOfApi(`${api}${end}`)).toEqual({ web, api });
    }
  });

  it('should be taken as a parameter', () => {
    const deployment = { stack: 'oneshot-dev', region: 'us-east-1' };
    expect(findProblems(parametersWith({ githubApiUrl: api }), deployment)).toEqual([]);
  });
});
