import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { RUNNERS_FILE } from '../../functions/runners-file.ts';
import { settingsOf } from './settings.ts';

/** `docs/configuration.md`, from the shipped `runners.yml` and its schema, and the parameters of `serverless.yml`. */
export function configurationGuide(runnersYml: string, serverlessYml: string): string {
  return [
    '# Configuration',
    '<!-- Made by `npm run docs` from runners.yml, functions/runners-file.ts and serverless.yml; not written by hand. -->',
    'Two files in one folder: `runners.yml` says who gets runners and which, `parameters.yml` says what is deployed.\nBoth are checked before anything is deployed, and all their problems are in one message.\nThe App’s secrets are in neither.',
    '## runners.yml',
    '`oneshot init` writes it.\nIt is bundled into the functions, so deploy again after a change.',
    `\`\`\`yaml\n${runnersYml.trim()}\n\`\`\``,
    '| Key | Value | Default |\n|---|---|---|',
  ]
    .join('\n\n')
    .concat(`\n${settingRows()}\n\n${parametersPart(serverlessYml)}\n\n${SECRETS}\n`);
}

const settingRows = (): string =>
  settingsOf(RUNNERS_FILE)
    .map(({ key, is, standard }) => `| \`${key}\` | ${is} | ${standard} |`)
    .join('\n');

const PARAMETERS = `## Parameters of a stage

They are in \`parameters.yml\` beside \`runners.yml\`.
The block \`default\` is for all stages, a block named as a stage is for that stage, and \`--param name=value\` overrides both.
Each section shows the default.

\`\`\`yaml
default:
  network: private
prod:
  alarmEmail: ops@example.com
\`\`\``;

function parametersPart(serverlessYml: string): string {
  const found = parseDocument(serverlessYml).getIn(['params', 'default']);
  if (!isMap(found)) throw new Error('serverless.yml has no params.default');
  return [PARAMETERS, ...groupsOf(found).map(drawGroup)].join('\n\n');
}

interface Group {
  readonly names: string[];
  readonly lines: string[];
  readonly words: string;
}

/** Keys that follow one another without a comment between them belong to the comment above. */
function groupsOf(map: YAMLMap): Group[] {
  const groups: Group[] = [];
  // The comment above the first key is the map's own.
  let above = map.commentBefore ?? '';
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    const words = key.commentBefore ?? above;
    above = '';
    const name = String(key.value);
    const line = `${name}: ${isScalar(value) && value.value !== '' ? value.value : '""'}`;
    const last = groups.at(-1);
    if (words === '' && last !== undefined) {
      last.names.push(name);
      last.lines.push(line);
    } else groups.push({ names: [name], lines: [line], words });
  }
  return groups;
}

const drawGroup = ({ names, lines, words }: Group): string =>
  [
    `### ${names.join(', ')}`,
    words
      .split('\n')
      .map((line) => line.trim())
      .join(' ')
      .replaceAll(/(?<=\.) (?=[A-Z`])/g, '\n'),
    `\`\`\`yaml\n${lines.join('\n')}\n\`\`\``,
  ].join('\n\n');

const SECRETS = `## The App’s parameters

They are in SSM under \`/oneshot/STAGE/github/\`, as SecureStrings under the stack’s own key.
\`oneshot setup\` puts them there, and the functions read them again every five minutes.

| Name | |
|---|---|
| \`app-id\` | the App’s id |
| \`private-key\` | its private key, PEM |
| \`webhook-secret\` | what GitHub signs deliveries with |
| \`webhook-secret-previous\` | optional: is valid too, while the secret is [rotated](operations.md#rotating-the-webhook-secret) |`;
