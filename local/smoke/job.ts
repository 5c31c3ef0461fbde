import type { JobDefinition, StepDefinition, Token } from '../github/service/definition.ts';
import { mapping, scriptStep } from '../github/service/script-step.ts';

/** An action at a commit: `actions/checkout@3d3c42e5...`. */
export type Uses = string;

/** What the checked-out repository has in it. */
export const CHECKED_OUT = { file: 'smoke.txt', text: 'checked out' } as const;

const run = (name: string, script: string, environment: Readonly<Record<string, Token>> = {}) =>
  scriptStep(script, { name, shell: 'bash', environment: mapping(environment) });

function uses(action: Uses, inputs: Readonly<Record<string, Token>> = {}): StepDefinition {
  const [name = '', ref = ''] = action.split('@');
  const reference = { type: 'repository', repositoryType: 'GitHub', name, ref, path: '' } as const;
  return { name: `Run ${name}`, condition: 'success()', reference, inputs: mapping(inputs) };
}

/**
 * The Node that the runner brings, as a tool cache has it: `actions/setup-node` then downloads nothing
 * (actions/toolkit, tool-cache: `node/VERSION/ARCH` and a file `ARCH.complete` beside it).
 */
const FILL_TOOL_CACHE = `
nodes=("$RUNNER_WORKSPACE"/../../externals/node[0-9][0-9])
version=$("\${nodes[-1]}/bin/node" --version)
place=$RUNNER_TOOL_CACHE/node/\${version#v}
mkdir -p "$place"
cp -R "\${nodes[-1]}" "$place/\${RUNNER_ARCH,,}"
touch "$place/\${RUNNER_ARCH,,}.complete"
echo "version=\${version#v}" >>"$GITHUB_OUTPUT"
`;

/** A step sees nothing of what opened the runner's config, in any process of its container. */
const SEE_NO_SECRET = `
for name in ONESHOT_SEALED_CONFIG AWS_CONTAINER_AUTHORIZATION_TOKEN ACTIONS_RUNNER_INPUT_JITCONFIG; do
  if cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -q "^$name="; then
    echo "::error::a process of this container shows $name" && exit 1
  fi
done
echo "on $RUNNER_NAME, $RUNNER_OS $RUNNER_ARCH"
`;

const USE_BOTH = `
fail() { echo "::error::$1" && exit 1; }
[[ $(cat ${CHECKED_OUT.file}) == '${CHECKED_OUT.text}' ]] || fail 'the repository is not checked out'
[[ $(git rev-parse HEAD) == "$GITHUB_SHA" ]] || fail 'another commit is checked out'
[[ $(command -v node) == "$RUNNER_TOOL_CACHE/node/$EXPECTED/"* ]] || fail "node is $(command -v node)"
[[ $(node --version) == "v$EXPECTED" ]] || fail "node is $(node --version), not $EXPECTED"
node -e 'console.log("both actions worked, on " + process.version)'
`;

const EXPECTED: Token = { type: 3, expr: 'steps.tools.outputs.version' };

/** The one job of the smoke test. Its actions are `actions/checkout` and `actions/setup-node`, or none. */
export function smokeJob(actions: readonly Uses[], headSha: string): JobDefinition {
  const [checkout, setupNode] = actions;
  const steps: StepDefinition[] = [run('See no secret', SEE_NO_SECRET)];
  if (checkout !== undefined && setupNode !== undefined)
    steps.push(
      { id: 'tools', ...run('Fill the tool cache', FILL_TOOL_CACHE) },
      uses(checkout),
      uses(setupNode, { 'node-version': EXPECTED }),
      run('Use what they brought', USE_BOTH, { EXPECTED }),
    );
  return { key: 'smoke', steps, github: { sha: headSha, workflow: 'smoke' } };
}
