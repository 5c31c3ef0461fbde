import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { escapeForOsls, findUnspeakable, loadEntrypoint } from '../../infra/entrypoint.ts';
import { packageService } from './package-service.ts';
import { asList, at, ofType, type Template } from './template.ts';

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8');

const VARIABLE = '${' + 'x}';

/** The scripts that the task definitions run. */
const commands = (template: Template): unknown[] =>
  ofType(template, 'AWS::ECS::TaskDefinition').flatMap(([, definition]) => {
    const containers = asList(at(definition, 'ContainerDefinitions'));
    const runner = containers.find((container) => at(container, 'Name') === 'runner');
    return asList(at(runner, 'Command') as string[]);
  });

describe('the entrypoint in the task definitions', () => {
  it('should be image/entrypoint.sh, byte for byte, once for each architecture, with Docker and without', async () => {
    const script = await read('../../image/entrypoint.sh');
    const { template } = await packageService();
    expect(commands(template)).toEqual([script, script, script, script]);
  }, 300_000);

  it('should survive whatever osls would take for its own', async () => {
    const hostile = await read('hostile.sh');
    const { template } = await packageService({ entrypoint: hostile });
    expect(commands(template)).toEqual([hostile, hostile, hostile, hostile]);
  }, 300_000);

  it('should be refused where it holds what osls has no escape for', () => {
    expect(findUnspeakable(`first\n$${VARIABLE}`)).toEqual([expect.stringContaining('line 2: "$${"')]);
    expect(findUnspeakable(`$\\${VARIABLE}`)).toHaveLength(1);
    expect(findUnspeakable(`"$"${VARIABLE} $$ ${VARIABLE}`)).toEqual([]);
  });

  it('should be refused where it is missing', () => {
    expect(() => loadEntrypoint('no/such/script.sh')).toThrow(/no\/such\/script.sh has a problem/);
  });

  it('should be refused where a task definition has no room for it', () => {
    expect(() => loadEntrypoint('package-lock.json')).toThrow(/has room for 61440/);
  });

  it('should keep the backslashes before a variable', () => {
    expect(escapeForOsls(`\\\\${VARIABLE}`)).toBe(`\\\\\\\\\\${VARIABLE}`);
  });
});
