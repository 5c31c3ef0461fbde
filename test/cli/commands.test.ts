import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../cli/main.ts';
import { PHASES } from '../../cli/observe/snapshot.ts';
import { parseRunnersConfig } from '../../functions/runners-config.ts';
import { startControl } from '../../local/world/control.ts';
import { RUNNER_LOG_GROUP, type World } from '../../local/world/start-world.ts';
import { startTestWorld, until } from '../fixtures/world.ts';
import { oneshot as run } from './oneshot.ts';

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
let done: number;
let elsewhere: number;
/** In the name of a job: sets the clipboard of a terminal that obeys it. */
const OSC_52 = `${String.fromCharCode(0x1b)}]52;c;Y3VybA==${String.fromCharCode(0x07)}`;
const home = process.cwd();

beforeAll(async () => {
  world = await startTestWorld({ pace: 30 });
  control = await startControl(world);
  await world.github.ping();
  const repository = `${world.installation.owner.login}/web`;
  const queue = (name: string, labels: string[], durationSeconds: number) =>
    world.github.queueRun({ repository, jobs: [{ name, labels, durationSeconds }] })[0] ?? 0;
  done = queue('quick', ['fargate'], 5);
  elsewhere = queue(`lint${OSC_52}`, ['fargate', 'gpu'], 5);
  await until('the job is done', () => world.aws.tasks()[0]?.lastStatus === 'STOPPED');
  await until('it was settled', () => world.logs.some((line) => line.includes('"task stopped"')));
  await world.sweep();
}, 300_000);

afterAll(async () => {
  process.chdir(home);
  control.close();
  await world.close();
});

const oneshot = (...args: string[]) => run(control.url, ...args);
const json = async (...args: string[]) => JSON.parse((await oneshot('--json', ...args)).stdout);

describe('the command line, on the embedded world', () => {
  it('should show jobs, tasks and what they cost', async () => {
    const status = await json('status');
    const jobs = new Map(status.jobs.map((job: { jobId: number }) => [job.jobId, job]));
    expect(jobs.get(done)).toMatchObject({ phase: 'done', conclusion: 'success', isSwapped: false });
    expect(jobs.get(elsewhere)).toMatchObject({ phase: 'ignored', reason: 'label-not-ours' });
    expect(status.phases.map(({ phase }: { phase: string }) => phase)).toEqual(
      PHASES.filter((phase) => phase !== 'repair'),
    );
    expect(status).toMatchObject({ unread: [], runners: [], doubts: { dead: 0 }, ignored: [{ count: 1 }] });
    expect(status.tasks).toMatchObject([{ status: 'STOPPED', ending: 'ran-succeeded', runsJobId: done }]);
    expect(status.tasks[0].costUsd).toBeGreaterThan(0);
    expect((await oneshot('status')).stdout).toContain('in the last 2 hours 1 job ended');
  });

  it('should find the world well, and say so by its exit code', async () => {
    const { code, stdout } = await oneshot('doctor');
    expect(stdout).not.toMatch(/✗/);
    expect(code).toBe(0);
  });

  it('should leave no trace that it later reports', async () => {
    // The signed ping of each doctor is counted, as GitHub's would be.
    const counted = () =>
      world.logs.filter((line) => /"Deliveries"/.test(line) && !/"ping"/.test(line)).length;
    const before = counted();
    for (const _ of [1, 2]) await oneshot('doctor');
    await until('the probe is in the log', () => world.logs.some((line) => line.includes('"doctor-probe"')));
    expect(counted()).toBe(before);
    expect(before).toBeGreaterThan(0);
    const findings: { id: string; verdict: { kind: string; seen?: string } }[] = await json('doctor');
    expect(findings.find(({ id }) => id === 'errors')?.verdict).toEqual({
      kind: 'ok',
      seen: 'none in the last hour',
    });
    expect((await json('status')).faults).toEqual([]);
  });

  it('should find what is broken in it', async () => {
    world.aws.parameters.delete('/oneshot/local/github/webhook-secret');
    const findings: { id: string; verdict: { kind: string } }[] = await json('doctor');
    world.aws.parameters.put('/oneshot/local/github/webhook-secret', world.webhookSecret);
    expect(findings.find(({ verdict }) => verdict.kind === 'fail')?.id).toBe('parameters');
  });

  it('should tell the story of a job, by its id or its address', async () => {
    const { job, chapters } = await json(
      'doctor',
      '--job',
      `https://github.com/acme/web/actions/runs/1/job/${done}`,
    );
    expect(job).toMatchObject({ jobId: done, phase: 'done' });
    const words = chapters.map(({ what }: { what: string }) => what).join('\n');
    expect(words).toMatch(
      /queued at GitHub.*answered 202.*: launched.*image pulled.*began on.*ended: success/s,
    );
    const { code, stdout } = await oneshot('doctor', '--job', String(elsewhere));
    expect(stdout).toContain('label-not-ours: the job asks for a label');
    expect(stdout).toContain('It asks for other runners (fargate, gpu), which this deployment does not have');
    expect(code).toBe(0);
  });

  it('should show what a task wrote, and no secret', async () => {
    const { stdout } = await oneshot('logs', String(done));
    expect(stdout).toMatch(/"state":"ended".*"ending":"ran-succeeded"/s);
    expect(stdout).not.toMatch(/PRIVATE KEY|ghs_/);
  });

  it('should not take a state of another runner for one, which a job has written into its own stream', async () => {
    const stream = `runner/runner/${world.aws.tasks()[0]?.task.taskArn?.split('/').at(-1)}`;
    const forged = '{"oneshot":"state","state":"ended","runner":"oneshot-local-1-0","exitCode":0}';
    for (const line of [forged, `{"oneshot":${OSC_52}`]) world.aws.logs.put(RUNNER_LOG_GROUP, stream, line);
    const { stdout } = await oneshot('logs', String(done));
    expect(stdout).toContain(`not of this runner: ${forged}`);
    expect(stdout.match(/^\S+Z \{"oneshot":"state","state":"ended"/gm)).toHaveLength(1);
    expect(stdout).not.toContain(OSC_52);
  });

  it('should give a terminal nothing to obey of a job’s name', async () => {
    const story = await oneshot('doctor', '--job', String(elsewhere));
    expect(story.stdout).toContain('lint\\u001b]52;c;Y3VybA==\\u0007');
    const status = await oneshot('status');
    for (const { stdout } of [story, status, await oneshot('--json', 'status')])
      expect(stdout).not.toContain(OSC_52);
  });

  it('should add up costs by repository and size', async () => {
    const { shares, usd } = await json('cost', '--days', '1');
    expect(shares).toMatchObject([{ repository: 'acme/web', size: '1 vCPU, 2 GiB, x64', tasks: 1 }]);
    expect(usd).toBeGreaterThan(0);
  });

  it('should say what a task was for, by all that its launch knew, and its prices', async () => {
    const found = await json('cost', '--by', 'workflow,label', '--by', 'month');
    expect(found).toMatchObject({
      ...{ days: 30, region: 'us-east-1', by: ['workflow', 'label', 'month'], tasks: 1, idleUsd: 0 },
      prices: { published: expect.stringMatching(/^20..-..-..$/), standIns: [] },
      shares: [{ workflow: expect.stringMatching(/^(?!unknown)./), label: 'fargate', tasks: 1 }],
    });
    expect(found.shares[0].month).toMatch(/^20..-..$/);
    expect(found.bootUsd).toBeGreaterThan(0);
    expect((await oneshot('cost', '--format', 'json')).stdout).toBe((await oneshot('--json', 'cost')).stdout);
    const { stdout } = await oneshot('cost', '--by', 'repository,month', '--format', 'csv');
    // console.log ends the last line.
    const [head, row] = `${stdout}\n`.split('\r\n');
    expect(head).toBe('repository,month,tasks,minutes,usd,spot_saved_usd,idle_usd,boot_usd');
    expect(row).toMatch(/^acme\/web,20..-..,1,[\d.]+,0\.\d+,0,0,0\.\d+$/);
    const table = await oneshot('cost');
    expect(table.stdout).toMatch(
      /for 1 task in 30 days \(estimate: tasks alone, prices of us-east-1, 20..-..-..\)/,
    );
    expect(table.stdout).toContain('Spot saved about $0.0000.');
  });

  it('should count the tasks of a month that was asked for', async () => {
    const now = await json('cost', '--by', 'month');
    const { month } = now.shares[0];
    expect(await json('cost', '--month', month)).toMatchObject({ month, tasks: 1, usd: now.usd });
    expect(await json('cost', '--month', '2020-01')).toMatchObject({
      month: '2020-01',
      tasks: 0,
      shares: [],
    });
    for (const wrong of [
      ['--month', '2026-13'],
      ['--month', month, '--days', '3'],
      ['--by', 'team'],
      ['--format', 'xml'],
      ['--days', '0'],
    ])
      expect((await oneshot('cost', ...wrong)).code).toBe(2);
  });

  it('should plan a reconcile and a sweep without a single write', async () => {
    const writes = () =>
      Object.entries(world.ledger.counts()).flatMap(([, operations]) =>
        Object.entries(operations).filter(([name]) => /RunTask|StopTask|jitconfig|delete|Encrypt/.test(name)),
      );
    const before = writes();
    expect(await json('reconcile', 'acme/web')).toMatchObject({ launches: [], waiting: [] });
    expect(await json('sweep')).toMatchObject({ stop: [], remove: [] });
    expect(writes()).toEqual(before);
    const stranger = await oneshot('reconcile', 'acme/none');
    expect(stranger).toMatchObject({ code: 2, stderr: expect.stringContaining('these are served: acme/') });
  });

  it('should list dead letters with their reason, and put doubts back', async () => {
    const { aws } = world;
    const sqs = new SQSClient({
      region: aws.region,
      endpoint: aws.url,
      credentials: aws.operatorCredentials,
    });
    const repository = { id: 7, owner: 'acme', name: 'web', ownerType: 'Organization', isPublic: false };
    const bury = (id: string, MessageBody: string) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: aws.queues.deadLetters.url,
          ...{ MessageBody, MessageGroupId: id, MessageDeduplicationId: id },
          MessageAttributes: { reason: { DataType: 'String', StringValue: `why ${id}` } },
        }),
      );
    await bury('a', JSON.stringify({ repository }));
    await bury('b', 'no doubt');
    sqs.destroy();
    expect((await json('dlq', 'list')).map(({ reason }: { reason: string }) => reason).toSorted()).toEqual([
      'why a',
      'why b',
    ]);
    expect(await json('dlq', 'retry')).toEqual({ retried: ['acme/web'], discarded: 0, left: 1 });
    expect(await json('dlq', 'list')).toMatchObject([{ reason: 'why b' }]);
    expect(await json('dlq', 'retry', '--discard')).toEqual({ retried: [], discarded: 1, left: 0 });
    expect(await json('dlq', 'list')).toEqual([]);
  });

  it('should write a commented runners.yml, once', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-init-'));
    process.chdir(folder);
    const first = await oneshot('init');
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('up to 4 vCPU, 16 GiB of memory'),
    });
    expect(first.stdout).toMatch(/raise `limits` in runners\.yml; Fargate has up to 16 vCPU and 120 GiB/);
    expect(readFileSync(path.join(folder, 'runners.yml'), 'utf8')).toContain('# Who gets runners');
    expect(await oneshot('init')).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect((await oneshot('init', '--force', '--allow', 'Globex/web', 'umbrella/*')).code).toBe(0);
    const { allow } = parseRunnersConfig(readFileSync(path.join(folder, 'runners.yml'), 'utf8'));
    expect(allow.repositories).toEqual(['globex/web', 'umbrella/*']);
    const bad = await oneshot('init', '--force', '--allow', 'globex');
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('owner/name') });
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it.each([
    [['stop', 'nobody', '--yes'], 2, 'no live task is called nobody'],
    [['doctor', '--job', 'what'], 2, 'names neither a job nor a run'],
    [['doctor', '--job', '404404'], 2, 'have nothing on job 404404'],
    [['doctor', '--job', 'https://github.com/acme/web/pull/7/checks'], 2, 'names neither a job nor a run'],
    [
      ['doctor', '--job', 'https://github.com/acme/web/actions/runs/1/job/404404'],
      2,
      'there is no job 404404 in acme/web',
    ],
    [
      ['doctor', '--job', 'https://github.com/other/web/actions/runs/1/job/404404'],
      1,
      'runners.yml does not allow other/web',
    ],
    [['logs', '404404'], 2, 'have nothing on job 404404'],
    [['logs', '--since', 'yesterday'], 2, '90s, 30m, 2h or 1d'],
    [['logs', '31', '--level', 'warn'], 2, 'are about the functions'],
    [['dance'], 2, ''],
  ])('should say in a sentence what is wrong, with the fix and no stack: %j', async (args, code, message) => {
    const answer = await oneshot(...args);
    expect(answer.code).toBe(code);
    expect(answer.stderr).toContain(message);
    expect(answer.stderr).not.toMatch(/\n\s+at /);
  });

  it('should say that no world answers', async () => {
    const code = await main(['--local', 'http://127.0.0.1:1', 'status']).catch(() => 'thrown');
    expect(code).toBe(3);
  });
});
