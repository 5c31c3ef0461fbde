/**
 * The GitHub of the image's smoke test (image/smoke-job.sh): one job, one runner, and what opens its config. Says on
 * standard output that it listens and, when it is told to end, what it saw; ends with 0 if the job turned green.
 */
import { readSettings } from './settings.ts';
import { startSmokeGitHub } from './start.ts';
import { judge } from './verdict.ts';

const settings = readSettings(process.env);
const github = await startSmokeGitHub(settings);
process.once('SIGTERM', () => {
  const { isGreen, text } = judge(github.seen(), github.secrets);
  process.stdout.write(`${text}\n`, () => process.exit(isGreen ? 0 : 1));
});
console.log(`smoke test: GitHub listens at ${github.url}`);
