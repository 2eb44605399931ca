import { randomUUID } from 'node:crypto';
import { FAULT_KINDS, Fault, type FaultKind, kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Envoy, Run } from '../../kernel/module.ts';
import { parseKeepable } from '../../kernel/text.ts';
import { SafeFetchError } from '../../platform/safe-fetch.ts';
import { signRequest } from '../../protocols/http-signatures.ts';
import { CONTENT_TYPE, FOUND_AT, FROM, type PartnerMessage } from '../model/message.ts';
import type { Failure, PartnerHealth, PartnerRecord } from '../model/record.ts';
import { findPartner, keepHealth } from '../store/records.ts';
import { type Fetch, failureOf } from './discover.ts';
import type { PartnerKeys } from './keys.ts';

export interface ElsewherePorts {
  readonly run: Run;
  readonly keys: PartnerKeys;
  readonly fetch: Fetch;
  readonly now: () => Date;
  /** Where the organisation's own document is found, for those who do not know it yet. */
  readonly foundAt: (tenantId: TenantId) => Promise<string>;
}

/** Requests under way to one partner at once. A partner that hangs holds these and no more. */
const AT_ONCE = 16;
/** After so many failures in a row a partner is left alone for a while; then one request tries again. */
const FAILURES_IN_A_ROW = 5;
const REST_MILLISECONDS = 30_000;
/** Health is written when it changes, and otherwise no more often than this. */
const KEPT_EVERY_MILLISECONDS = 60_000;

/** A clock that is off by more than ten years is none. */
const SKEW_AT_MOST_SECONDS = 10 * 366 * 86_400;

interface Line {
  underWay: number;
  health: PartnerHealth;
  restUntil: number;
  keptAt: number;
}

/** The way to organisations on other servers. One that hangs, lies or fails costs those who ask for it, and nobody else. */
export function openElsewhere(ports: ElsewherePorts) {
  const lines = new Map<string, Line>();
  const actor = { kind: 'system', name: 'partners' } as const;

  const lineTo = (from: TenantId, record: PartnerRecord): Line => {
    // Whoever answers elsewhere now is tried there at once, however often the old place has failed.
    const key = `${from} ${record.tenantId} ${record.document.document.endpoint}`;
    const known = lines.get(key);
    if (known) return known;
    const line = { underWay: 0, health: record.health, restUntil: 0, keptAt: 0 };
    lines.set(key, line);
    return line;
  };

  /** What came of a request, remembered here and, where it says something new, with the record. */
  async function note(
    from: TenantId,
    to: TenantId,
    line: Line,
    came: { failure: Failure | null; skew?: number | undefined },
  ) {
    const now = ports.now();
    const { health } = line;
    const { failure, skew = health.clockSkewSeconds } = came;
    line.health =
      failure === null
        ? { ...health, answeredAt: now, failures: 0, failure: null, clockSkewSeconds: skew }
        : { ...health, failedAt: now, failures: health.failures + 1, failure, clockSkewSeconds: skew };
    if (failure === null) line.restUntil = 0;
    if (line.health.failures >= FAILURES_IN_A_ROW) line.restUntil = now.getTime() + REST_MILLISECONDS;
    const isNews = line.health.failure !== health.failure || Math.abs(skew - health.clockSkewSeconds) > 30;
    if (!isNews && now.getTime() - line.keptAt < KEPT_EVERY_MILLISECONDS) return;
    line.keptAt = now.getTime();
    await ports.run({ tenantId: from, actor }, (ctx) => keepHealth(ctx, to, line.health));
  }

  async function send(envoy: Envoy, record: PartnerRecord, name: string, message: PartnerMessage, skew: number) {
    const key = await ports.keys.of(envoy.tenantId);
    const url = `${record.document.document.endpoint}/${record.tenantId}/${name}`;
    const body = JSON.stringify(message);
    const headers = {
      'content-type': CONTENT_TYPE,
      [FROM]: envoy.tenantId,
      [FOUND_AT]: await ports.foundAt(envoy.tenantId),
    };
    const signed = await signRequest({ method: 'POST', url, headers, body }, key, {
      // In the partner's time: only its clock decides whether it is too old.
      at: new Date(ports.now().getTime() + skew * 1000),
      nonce: randomUUID(),
      alsoSigned: [FROM, FOUND_AT],
    });
    const answer = await ports.fetch(url, { method: 'POST', headers: signed, body });
    const seen = Math.round((Date.parse(answer.headers.date ?? '') - ports.now().getTime()) / 1000);
    const isClock = Math.abs(seen) < SKEW_AT_MOST_SECONDS;
    const answered = parseKeepable(answer.body.toString('utf8'));
    return { status: answer.status, answered, skew: isClock ? seen : undefined };
  }

  /** Sends one request and notes what came of it. */
  async function exchange(
    envoy: Envoy,
    record: PartnerRecord,
    line: Line,
    name: string,
    asked: unknown,
  ): Promise<Came> {
    const { tenantId: from, address, displayName, correlationId, exchangeId } = envoy;
    const message: PartnerMessage = {
      v: 1,
      address,
      displayName,
      correlationId,
      ...(exchangeId === undefined ? {} : { exchangeId }),
      asked,
    };
    line.underWay += 1;
    try {
      let came = await send(envoy, record, name, message, line.health.clockSkewSeconds);
      if (came.status === 401 && codeOf(came.answered) === 'partners.clock' && came.skew !== undefined)
        came = await send(envoy, record, name, message, came.skew);
      const failure = FAILURE_OF[codeOf(came.answered) ?? ''] ?? null;
      // Whatever else stands in front of the partner may say "200", too: nothing has arrived by that.
      const isAnswer = came.status < 300 ? isAnswered(came.answered) : failure === null && isFault(came.answered);
      const noted = isAnswer ? null : (failure ?? 'answer');
      await note(from, record.tenantId, line, { failure: noted, skew: came.skew });
      return { ...came, code: codeOf(came.answered), failure: noted };
    } catch (error) {
      if (!(error instanceof SafeFetchError)) throw error;
      const failure = failureOf(error);
      await note(from, record.tenantId, line, { failure });
      return { status: 0, answered: error, skew: undefined, code: undefined, failure };
    } finally {
      line.underWay -= 1;
    }
  }

  return {
    /**
     * @throws not-found for an organisation that is not on record; partners.unreachable when no answer came, or the
     *   partner does not take our word; otherwise the partner's own fault, as far as it can be believed.
     */
    async ask(envoy: Envoy, to: TenantId, name: string, asked: unknown): Promise<unknown> {
      const { tenantId: from, correlationId } = envoy;
      const record = await ports.run({ tenantId: from, actor, correlationId, readOnly: true }, (ctx) =>
        findPartner(ctx, to),
      );
      // Nobody that our organisation knows.
      if (!record) throw kernelFaults.notFound();
      const line = lineTo(from, record);
      if (line.underWay >= AT_ONCE || ports.now().getTime() < line.restUntil) throw kernelFaults.partnerUnreachable();
      const { status, answered, failure } = await exchange(envoy, record, line, name, asked);
      if (failure !== null) throw kernelFaults.partnerUnreachable(answered);
      if (isAnswered(answered)) return answered.answer;
      throw faultFrom(status, answered);
    },

    /** A partner that is left alone because it failed is tried again: somebody wants it now. */
    wake(from: TenantId, to: TenantId): void {
      for (const [key, line] of lines) if (key.startsWith(`${from} ${to} `)) line.restUntil = 0;
    },

    /** The same for whoever looks into what fails: also while the partner is left alone, and with all that was seen. */
    try: (envoy: Envoy, record: PartnerRecord, name: string, asked: unknown): Promise<Came> =>
      exchange(envoy, record, lineTo(envoy.tenantId, record), name, asked),
  };
}

export type Elsewhere = ReturnType<typeof openElsewhere>;

/** What came of one request to another server. */
export interface Came {
  /** 0: no answer came. */
  readonly status: number;
  readonly answered: unknown;
  /** The code of the partner's own fault, where it said one. */
  readonly code: string | undefined;
  /** Null: the partner took our word and answered, with a fault of its own or without. */
  readonly failure: Failure | null;
  /** The partner's clock less ours, in seconds. */
  readonly skew: number | undefined;
}

/** The partner's refusals of our word, before it has looked at what we asked. */
const FAILURE_OF: Readonly<Record<string, Failure>> = {
  'partners.clock': 'clock',
  'partners.signature': 'signature',
  'partners.replayed': 'signature',
  'partners.unknown-sender': 'unknown-here',
  'partners.too-many': 'busy',
};

/** Kinds that a partner may answer with; anything else it says counts as no answer. */
const KIND_OF: Readonly<Record<number, FaultKind>> = {
  400: 'invalid',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'gone',
  412: 'stale',
  413: 'too-large',
  415: 'unsupported',
  423: 'locked',
  429: 'throttled',
  501: 'unsupported',
  503: 'unavailable',
};

/** BOUNDARY: a partner's fault is a stranger's text: of it only a kind we know, a code and one short sentence are kept. */
function faultFrom(status: number, said: unknown): Fault {
  const kind = KIND_OF[status];
  const code = codeOf(said);
  const { title, decisionId } = said as { title?: unknown; decisionId?: unknown };
  if (!kind || !FAULT_KINDS.includes(kind) || code === undefined) return kernelFaults.partnerUnreachable(said);
  const sentence = typeof title === 'string' ? title.slice(0, 300) : 'The other organisation refused.';
  return new Fault(kind, code, sentence, typeof decisionId === 'string' ? { decisionId: decisionId.slice(0, 64) } : {});
}

const isAnswered = (said: unknown): said is { readonly answer: unknown } =>
  typeof said === 'object' && said !== null && 'answer' in said;
const isFault = (said: unknown): boolean => codeOf(said) !== undefined;

function codeOf(said: unknown): string | undefined {
  const code = (said as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^[a-z-]{1,40}\.[a-z-]{1,60}$/.test(code) ? code : undefined;
}
