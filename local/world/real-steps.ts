/** What a job of the scenario runs where runners are real: a few steps that say where they are, and work a little. */
import type { JobDefinition } from '../github/service/definition.ts';
import { mapping, scriptStep } from '../github/service/script-step.ts';
import type { JobRequest } from '../github/types.ts';

const step = (name: string, script: string, condition = 'success()') =>
  scriptStep(script, { name, condition, shell: 'bash' });

const WHERE = `echo "Repository  $GITHUB_REPOSITORY, job $GITHUB_JOB"
echo "Labels      $JOB_LABELS"
echo "Runner      $RUNNER_NAME ($RUNNER_OS $RUNNER_ARCH)"
echo "Machine     $(nproc) processors, $(uname -sr)"
echo "User        $(id -un), in $PWD"`;

const WORK = `part=0
while ((SECONDS < WORK_SECONDS)); do
  part=$((part + 1))
  echo "part $part: $(head -c 4000000 /dev/urandom | sha256sum | cut -c 1-16)"
  sleep 1
done
echo "$part parts in $SECONDS s"`;

const FAIL = `echo '::error title=check::expected 42, got 41'
exit 1`;

const REPORT = `echo 'This step runs however the others end.'
echo "**$GITHUB_JOB** of $GITHUB_REPOSITORY ran on \\\`$RUNNER_NAME\\\`." >>"\${GITHUB_STEP_SUMMARY:-/dev/null}"`;

/** The job with its steps. It works as long as it says, in real seconds, and fails where it is to fail. */
export const withRealSteps = (job: JobRequest): JobRequest => ({ ...job, definition: definitionOf(job) });

function definitionOf({ name, labels, durationSeconds, result }: JobRequest): JobDefinition {
  return {
    key: name.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-|-$/g, ''),
    environment: [
      mapping({
        JOB_LABELS: labels.join(', '),
        WORK_SECONDS: String(durationSeconds),
      }),
    ],
    steps: [
      step('Say where this runs', WHERE),
      step(`Work for ${durationSeconds} s`, WORK),
      ...(result === 'failure' ? [step('Check', FAIL)] : []),
      step('Report', REPORT, 'always()'),
    ],
  };
}
