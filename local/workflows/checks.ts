/** What GitHub refuses and its parser leaves through, and what GitHub does and this world cannot. */
import { InsertExpressionToken } from '@actions/workflow-parser/templates/tokens/insert-expression-token';
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import type { Problem } from './problems.ts';
import { referenceOf } from './steps.ts';
import { placeOf } from './template.ts';
import { listOf, mappingOf } from './tokens.ts';

type Found = readonly [token: TemplateToken, message: string, fix: string];

export function checkTemplate(file: string, root: MappingToken): Problem[] {
  const jobs = [...mappingOf(root.find('jobs'))];
  const found = [
    ...insertions(root),
    ...jobs.flatMap(({ key, value }) => jobProblems(key, mappingOf(value))),
  ];
  return found.map(([token, message, fix]) => ({ file, ...placeOf(token), message, fix }));
}

function* insertions(root: MappingToken): Generator<Found> {
  for (const [, token] of TemplateToken.traverse(root))
    if (token instanceof InsertExpressionToken)
      yield [token, 'This world does not know the directive insert', 'Write the entries themselves.'];
}

function jobProblems(key: TemplateToken, job: MappingToken): Found[] {
  const uses = job.find('uses');
  if (uses !== undefined)
    return [[uses, 'This world calls no reusable workflows', 'Put the steps of its jobs into this job.']];
  const steps = listOf(job.find('steps'));
  const snapshot = job.find('snapshot');
  return [
    ...(steps.length === 0 ? [[key, `The job ${key} has no steps`, 'Add steps.'] as const] : []),
    ...(snapshot ? [[snapshot, 'This world makes no images of runners', 'Take snapshot out.'] as const] : []),
    ...steps.flatMap((step) => stepProblems(mappingOf(step))),
  ];
}

function stepProblems(step: MappingToken): Found[] {
  const uses = step.find('uses');
  if (uses === undefined || referenceOf(String(uses)) !== undefined) return [];
  const form = 'owner/name@ref, owner/name/path@ref, docker://image or ./path';
  return [[uses, `There is no action '${uses}'`, `Write ${form}.`]];
}
