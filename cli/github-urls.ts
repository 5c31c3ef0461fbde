/** Where a GitHub is: for people, and its REST API. */
export interface GitHubUrls {
  readonly web: string;
  readonly api: string;
}

const WITHOUT_END = /\/+$/;

/**
 * By where people go. An Enterprise Server has its API below /api/v3 (docs.github.com, Enterprise Server), github.com and an
 * enterprise with data residency (NAME.ghe.com) on the host api. before theirs (docs.github.com, REST API: "replace
 * api.github.com with your enterprise's dedicated subdomain at api.SUBDOMAIN.ghe.com").
 */
export function urlsOfWeb(given: string): GitHubUrls {
  const web = given.replace(WITHOUT_END, '');
  const { host } = new URL(web);
  return { web, api: isOfGitHub(host) ? `https://api.${host}` : `${web}/api/v3` };
}

/** By the API that a stage was deployed with. */
export function urlsOfApi(given: string): GitHubUrls {
  const api = given.replace(WITHOUT_END, '');
  const host = new URL(api).host.replace(/^api\./, '');
  return { web: isOfGitHub(host) ? `https://${host}` : api.replace(/\/api\/v3$/, ''), api };
}

const isOfGitHub = (host: string): boolean => /^(github\.com|[a-z0-9-]+\.ghe\.com)$/i.test(host);
