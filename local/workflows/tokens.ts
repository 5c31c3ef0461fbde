/** From the parser's tokens to those of the job's message (WIRE-27). */
import { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import { SequenceToken } from '@actions/workflow-parser/templates/tokens/sequence-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import type { Token } from '../github/service/definition.ts';

/** The form of the message, without places. */
export function wire(token: TemplateToken): Token;
export function wire(token: TemplateToken | undefined): Token | undefined;
export function wire(token: TemplateToken | undefined): Token | undefined {
  // The library writes its tokens in this very form: literals, lists (1), mappings (2), expressions (3).
  return token === undefined ? undefined : JSON.parse(JSON.stringify(token));
}

/** An empty one where the workflow says nothing. */
export const mappingOf = (token: TemplateToken | undefined): MappingToken =>
  token instanceof MappingToken ? token : new MappingToken(undefined, undefined, undefined);

export const listOf = (token: TemplateToken | undefined): TemplateToken[] =>
  token instanceof SequenceToken ? [...token] : token === undefined ? [] : [token];

/** A member, where there is something to say (WIRE-1). */
export function given<K extends string, V>(name: K, value: V | undefined): { readonly [_ in K]?: V } {
  const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  return (isEmpty ? {} : { [name]: value }) as { readonly [_ in K]?: V };
}
