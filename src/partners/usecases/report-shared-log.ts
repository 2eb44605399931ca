/** What came of comparing a log with a partner: kept, written into the audit, and told to the administrators. */
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { type SharedLogNews, sharedLogLetter } from '../model/shared-log-letters.ts';
import type { Side } from '../model/shared-record.ts';
import { findPartner } from '../store/records.ts';
import { findExchange, matchRecords, putExchange, reportUnmatched } from '../store/shared-logs.ts';
import type { AgreementPorts } from './agreement-ports.ts';

/** What the administrators are to be told, if anything. */
type News = SharedLogNews | undefined;

export interface ReportPorts extends Pick<AgreementPorts, 'administratorsOf' | 'run'> {
  readonly httpsOrigin: () => string;
  readonly nameOf: (ctx: Pick<Context, 'tenantId' | 'correlationId'>, partner: TenantId) => Promise<string>;
}

/** How long a record may be without its counterpart, both sides being in touch, before it is told. */
const MATCHED_WITHIN_MS = 10 * 60_000;
/** How long a partner that answers other requests may leave out this one. */
const WITHHELD_AFTER_MS = 60 * 60_000;
const WITHHELD = 'the partner answers, but not with its log';

/** Everything was read and is good: finds counterparts, and tells of what has none for too long. */
export async function noteGood(ctx: Context, partner: TenantId): Promise<News> {
  await matchRecords(ctx, partner);
  const before = await findExchange(ctx, partner);
  const steadySince = before?.steadySince ?? ctx.now;
  await putExchange(ctx, partner, {
    exchangedAt: ctx.now,
    steadySince,
    apartSince: null,
    failure: null,
    faultSide: null,
    faultPosition: null,
    faultProblem: null,
    faultAt: null,
  });
  if (before?.faultAt)
    ctx.record({
      action: 'partners.shared-log-mended',
      category: 'Audit',
      targets: [{ kind: 'partner', id: partner }],
    });
  // What was written while the two were out of touch has its time from when they were again.
  const late = new Date(ctx.now.getTime() - MATCHED_WITHIN_MS);
  if (steadySince > late) return undefined;
  const unmatched = await reportUnmatched(ctx, partner, late);
  if (unmatched.length === 0) return undefined;
  const idsOf = (wanted: Side) => unmatched.filter(({ side }) => side === wanted).map(({ id }) => id);
  ctx.record({
    action: 'partners.shared-records-unmatched',
    category: 'Audit',
    targets: [{ kind: 'partner', id: partner }],
    result: 'failure',
    facts: {
      ours: idsOf('ours').length,
      theirs: idsOf('theirs').length,
      ids: unmatched.slice(0, 20).map(({ id }) => id),
    },
  });
  return 'unmatched';
}

/** A log is not what was signed or read before. Told once, for as long as it is the same. */
export async function noteBroken(
  ctx: Context,
  partner: TenantId,
  { side, problem, position }: { readonly side: Side; readonly problem: string; readonly position: number },
): Promise<News> {
  const before = await findExchange(ctx, partner);
  const isKnown = before?.faultSide === side && before.faultPosition === position;
  await putExchange(ctx, partner, {
    exchangedAt: ctx.now,
    steadySince: null,
    apartSince: null,
    failure: null,
    faultSide: side,
    faultPosition: position,
    faultProblem: problem,
    faultAt: isKnown ? before.faultAt : ctx.now,
  });
  if (isKnown) return undefined;
  ctx.record({
    action: 'partners.shared-log-broken',
    category: 'Audit',
    targets: [{ kind: 'partner', id: partner }],
    result: 'failure',
    reason: problem,
    facts: { side, position },
  });
  return 'broken';
}

/**
 * The partner's log could not be read. A server that is away is no news here; one that answers everything else and
 * keeps its log to itself is, once.
 */
export async function noteFailure(ctx: Context, partner: TenantId, failure: string): Promise<News> {
  const before = await findExchange(ctx, partner);
  const apartSince = before?.apartSince ?? ctx.now;
  await putExchange(ctx, partner, { failure, steadySince: null, apartSince });
  const isLong = ctx.now.getTime() - apartSince.getTime() >= WITHHELD_AFTER_MS;
  if (!isLong || before?.faultAt) return undefined;
  const answeredAt = (await findPartner(ctx, partner))?.health.answeredAt ?? null;
  const answersElse = failure !== 'partners.unreachable' || (answeredAt !== null && answeredAt > apartSince);
  if (!answersElse) return undefined;
  await putExchange(ctx, partner, {
    faultSide: 'theirs',
    faultPosition: null,
    faultProblem: WITHHELD,
    faultAt: ctx.now,
  });
  ctx.record({
    action: 'partners.shared-log-withheld',
    category: 'Audit',
    targets: [{ kind: 'partner', id: partner }],
    result: 'failure',
    reason: WITHHELD,
    facts: { since: apartSince.toISOString(), failure },
  });
  return 'withheld';
}

/** Tells the administrators. Needs no transaction: what the partner is called may have to be looked up. */
export async function tellOfSharedLog(ctx: Context, ports: ReportPorts, partner: TenantId, news: News): Promise<void> {
  if (news === undefined) return;
  const { tenantId, actor, correlationId } = ctx;
  const name = await ports.nameOf(ctx, partner).catch(() => partner);
  await ports.run({ tenantId, actor, correlationId }, async (inside) => {
    const address = `${ports.httpsOrigin()}/t/${inside.tenant.defaultDomain}/shared-logs/${partner}`;
    for (const administrator of await ports.administratorsOf(inside))
      await queueMail(inside, {
        kind: 'shared-log',
        aboutId: partner,
        to: { address: administrator.address, name: administrator.displayName },
        fromName: inside.tenant.displayName,
        ...sharedLogLetter(administrator.language, news, name, address),
      });
  });
}
