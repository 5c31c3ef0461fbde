/** A workflow's text as tokens, read by GitHub's own parser (actions/languageservices). */
import { readFileSync } from 'node:fs';
import { convertOn } from '@actions/workflow-parser/model/converter/events';
import { convertJobs } from '@actions/workflow-parser/model/converter/jobs';
import type { EventsConfig } from '@actions/workflow-parser/model/workflow-template';
import { JSONObjectReader } from '@actions/workflow-parser/templates/json-object-reader';
import { TemplateSchema } from '@actions/workflow-parser/templates/schema/template-schema';
import {
  TemplateContext,
  TemplateValidationErrors,
} from '@actions/workflow-parser/templates/template-context';
import { readTemplate } from '@actions/workflow-parser/templates/template-reader';
import type { LiteralToken } from '@actions/workflow-parser/templates/tokens/literal-token';
import { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import { StringToken } from '@actions/workflow-parser/templates/tokens/string-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer';
import { YamlObjectReader } from '@actions/workflow-parser/workflows/yaml-object-reader';
import { fixOf, type Problem } from './problems.ts';

/** The package's index imports its schema in a way that only bundlers understand: it is read from its file. */
const SCHEMA_TEXT = readFileSync(
  new URL('workflow-v1.0.min.json', import.meta.resolve('@actions/workflow-parser')),
  'utf8',
);
const SCHEMA = TemplateSchema.load(new JSONObjectReader(undefined, SCHEMA_TEXT));
const NAMES = [...new Set(Object.values(SCHEMA.definitions).flatMap(propertiesOf))];
/** The definition of a whole workflow file, `on` included. */
const ROOT = 'workflow-root-strict';

export interface Template {
  readonly root: MappingToken;
  readonly events: EventsConfig;
}

function propertiesOf(definition: object): string[] {
  return 'properties' in definition ? Object.keys(Object(definition.properties)) : [];
}

/** What a file says; or what is wrong with it, as GitHub finds it. */
export function parseTemplate(file: string, text: string): Template | readonly Problem[] {
  const context = contextOf();
  try {
    const reader = new TextKeyReader(context.getFileId(file), text);
    for (const { message, range } of reader.errors) context.error(1, firstLine(message), range);
    if (reader.errors.length > 0) return problemsOf(file, context);
    const root = readTemplate(context, ROOT, reader, 1);
    const events = root instanceof MappingToken ? convertRoot(context, root) : {};
    const problems = problemsOf(file, context);
    return problems.length > 0 ? problems : { root: valuesOf(text), events };
  } catch (error) {
    // The parser throws at what it has no word for, such as a list as a key.
    context.error(1, error instanceof Error ? error : String(error));
    return problemsOf(file, context);
  }
}

const contextOf = (): TemplateContext =>
  new TemplateContext(new TemplateValidationErrors(), SCHEMA, new NoOperationTraceWriter());

const firstLine = (message: string): string => message.replace(/ at line \d+.*/s, '');

/** Beyond the form: needs, ids, conditions, events. */
function convertRoot(context: TemplateContext, root: MappingToken): EventsConfig {
  const jobs = root.find('jobs');
  const on = root.find('on');
  if (context.errors.count === 0 && jobs !== undefined) convertJobs(context, jobs);
  return context.errors.count === 0 && on !== undefined ? convertOn(context, on) : {};
}

function problemsOf(file: string, { errors }: TemplateContext): Problem[] {
  return errors.getErrors().map(({ rawMessage: message, range }) => ({
    file,
    ...(range && { line: range.start.line, column: range.start.column }),
    message,
    fix: fixOf(message, NAMES),
  }));
}

/** Keys are texts, whatever YAML takes them for: `4: x`. */
class TextKeyReader extends YamlObjectReader {
  override allowLiteral(): LiteralToken | undefined {
    const token = super.allowLiteral();
    const isKey = token instanceof StringToken && typeof token.value !== 'string';
    return isKey
      ? new StringToken(token.file, token.range, String(token.value), token.definitionInfo)
      : token;
  }
}

/**
 * The parser takes text of several lines from the source, with its indentation, so that it finds the column of an
 * error. A job needs the text itself.
 */
class ValueReader extends TextKeyReader {
  override allowLiteral(): LiteralToken | undefined {
    const token = super.allowLiteral();
    if (!(token instanceof StringToken)) return token;
    return new StringToken(token.file, token.range, token.value, token.definitionInfo);
  }
}

function valuesOf(text: string): MappingToken {
  const context = contextOf();
  const reader = new ValueReader(context.getFileId('workflow'), text);
  const root = readTemplate(context, ROOT, reader, 1);
  if (root instanceof MappingToken) return root;
  throw new Error('A workflow that was read once could not be read again');
}

/** Where a token stands. */
export const placeOf = ({ line, col }: TemplateToken) => ({
  ...(line !== undefined && { line }),
  ...(col !== undefined && { column: col }),
});
