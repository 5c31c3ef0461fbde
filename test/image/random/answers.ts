import type { Answer } from '../../../local/task/services.ts';
import { seededRandom } from '../../../model/dice.ts';

/** What an answer means: try again, refused for good, or either: only the real KMS notices wrong credentials. */
type Verdict = 'again' | 'refused' | 'unclear';
interface JudgedAnswer {
  readonly answer: Answer;
  readonly verdict: Verdict;
}
type Service = 'credentials' | 'kms';

/** Is in every body, and must be in no output. */
export const CANARY = 'CanaryOfTheAnswer';
const MEMBERS: Readonly<Record<Service, readonly string[]>> = {
  credentials: ['AccessKeyId', 'SecretAccessKey', 'Token'],
  kms: ['Plaintext'],
};

type Random = () => number;
const oneOf = <T>(random: Random, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)] as T;
const again = (answer: Answer): JudgedAnswer => ({ answer, verdict: 'again' });

/** A bad answer, a pure function of its seed. */
function badAnswer(service: Service, seed: number): JudgedAnswer {
  const random = seededRandom(seed);
  for (let thrown = 0; thrown < 4; thrown++) random();
  return oneOf(random, [badStatus, badBody, badBody, badMember, badConnection])(random, service);
}

const bodyOf = (random: Random, extra: object = {}) => ({ Message: CANARY, at: random(), ...extra });

function badStatus(random: Random): JudgedAnswer {
  const status = oneOf(random, [201, 204, 301, 307, 400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 599]);
  const isThrottled = random() < 0.3;
  const __type = isThrottled ? oneOf(random, ['ThrottlingException', 'Throttling']) : 'SomeException';
  const isFinal = status >= 300 && status < 500 && status !== 429 && !isThrottled;
  const answer = { status, body: status === 204 ? '' : bodyOf(random, { __type }) };
  return { answer, verdict: isFinal ? 'refused' : 'again' };
}

/** Bodies that are nothing. */
function badBody(random: Random): JudgedAnswer {
  const bytes = Array.from({ length: 2000 }, () => String.fromCharCode(Math.floor(random() * 256))).join('');
  const body = oneOf(random, [
    '',
    CANARY,
    `${CANARY}${bytes}`,
    `{"${CANARY}`,
    '['.repeat(50_000) + CANARY,
    `${CANARY}\n200`,
    `<html>${CANARY}</html>\r\n\r\nHTTP/1.1 200 OK\r\n`,
    `{"Message":"${CANARY}"}${' '.repeat(200_000)}`,
    CANARY.repeat(200_000),
    `$(echo ${CANARY}) \`id\` %s %n "\\"`,
  ]);
  return again({ body });
}

/** Right but for one member: of the wrong type, absent, empty, or of the wrong text. */
function badMember(random: Random, service: Service): JudgedAnswer {
  const member = oneOf(random, MEMBERS[service]);
  const value = oneOf<unknown>(random, [
    undefined,
    1,
    true,
    null,
    [],
    ['x'],
    { a: 1 },
    '',
    '%%%',
    'aGVsbG8=',
  ]);
  const isClear = service === 'kms' || value === undefined;
  return { answer: { changes: { [member]: value, CANARY } }, verdict: isClear ? 'again' : 'unclear' };
}

/** Connections that end, hang, crawl or never end. */
const badConnection = (random: Random): JudgedAnswer =>
  again(
    oneOf<Answer>(random, [
      { cut: 'before' },
      { cut: 'within', body: bodyOf(random, { Plaintext: 'H4sI'.repeat(500) }) },
      { repeatsEveryMs: 1, body: CANARY.repeat(1000) },
      { repeatsEveryMs: 200, body: `${CANARY}\n200\n` },
      { isSilent: true },
    ]),
  );

/** Answers of both services for one task, and the endings that they leave. */
export function answersOf(seed: number) {
  const draw = (service: Service, share: number) =>
    (seed + share) % 3 === 0 ? [] : [0, 1].map((n) => badAnswer(service, 1000 * seed + 2 * n + share));
  const [credentials, kms] = [draw('credentials', 0), draw('kms', 1)];
  const verdicts = [...credentials, ...kms].map(({ verdict }) => verdict);
  const isRefused = verdicts.includes('refused');
  return {
    credentials: credentials.map(({ answer }) => answer),
    kms: kms.map(({ answer }) => answer),
    endings: [
      ...(isRefused || verdicts.includes('unclear') ? ['config-not-unsealed'] : []),
      ...(isRefused ? [] : ['ran-succeeded']),
    ],
  };
}

/** Answers of one service of which none is good. */
export function lastingAnswers(seed: number): { readonly [S in Service]?: readonly Answer[] } {
  const service = seed % 2 === 0 ? 'kms' : 'credentials';
  const drawn = Array.from({ length: 50 }, (_, n) => badAnswer(service, 1000 * seed + n));
  return { [service]: drawn.filter(({ verdict }) => verdict !== 'unclear').map(({ answer }) => answer) };
}
