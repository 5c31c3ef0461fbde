import { fail, judged, ok } from '../../link.ts';
import { askForMore, QUOTAS, QUOTAS_UNREAD, quotaOf } from '../../quotas.ts';
import { beforeLink, WANTED } from '../../wanted.ts';
import { REGION } from '../identity.ts';

export const x64Builds = builds('builds-x64', 'CodeBuild may build for x64', 'x64Builds');
export const arm64Builds = builds('builds-arm64', 'CodeBuild may build for arm64', 'arm64Builds');

function builds(id: string, title: string, quota: 'x64Builds' | 'arm64Builds') {
  return beforeLink({
    id,
    title,
    tries: `servicequotas:GetServiceQuota of ${QUOTAS[quota].name}`,
    needs: ['identity'],
    reads: { quota: quotaOf(quota), wanted: WANTED, region: REGION },
    judge: (seen) => {
      if (!seen.wanted.hasPipeline) return ok('no image pipeline');
      return judged(seen.quota, QUOTAS_UNREAD, (count) =>
        count >= 1
          ? ok(`${count} at once`)
          : fail(
              'none: a new account may have no builds, and StartBuild is refused',
              `${askForMore(quota, 1, seen.region)}; until then deploy with imagePipeline=disabled`,
            ),
      );
    },
  });
}
