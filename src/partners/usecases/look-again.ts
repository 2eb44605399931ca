/** What partners publish now: what it tells of their keys is taken as far as a known key answers for it; the rest is proposed. */
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { TenantId } from '../../kernel/ids.ts';
import type { Job, PartnerRequest } from '../../kernel/module.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { kidOf } from '../../protocols/signed-json.ts';
import { changesKeys, type Heard, hearKeys } from '../model/key-change.ts';
import { type KeyNews, keyLetter } from '../model/key-letters.ts';
import type { PartnerRecord } from '../model/record.ts';
import { administerPartners } from '../questions/agreements.ts';
import { insertSuccessor, markKnownKey } from '../store/partner-keys.ts';
import { deleteOldNonces, findPartner, keepProposed, listPartners, lockPartner } from '../store/records.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { type Discovered, findPublished } from './discover.ts';
import { getPartnerRecord, type RecordPorts, within } from './records.ts';

export interface LookPorts extends RecordPorts, Pick<AgreementPorts, 'administratorsOf'> {}

export const LOOK_AGAIN = 'partners.look-again';
/** The request by which an organisation says that it publishes something new. */
export const PUBLISHED_ANEW = 'partners.published-anew';

/**
 * Looks whether a partner publishes something else than was confirmed: a new domain, another key, another address. Call
 * it outside a transaction.
 * @throws not-found; partners.not-discovered.
 */
export async function lookAgain(ctx: Context, ports: LookPorts, id: TenantId): Promise<PartnerRecord> {
  await ctx.demand(administerPartners, undefined, 'write');
  const record = await within(ctx, ports, (inside) => getPartnerRecord(inside, id), true);
  const found = await findPublished(ports, record.foundAt).catch((error: unknown) => {
    if (record.proposedAt === null) throw error;
    return findPublished(ports, record.proposedAt);
  });
  return within(ctx, ports, async (inside) => {
    await takePublished(inside, ports, id, found);
    return getPartnerRecord(inside, id);
  });
}

/** The same for the server itself, at one place. Call it outside a transaction. @throws partners.not-discovered. */
export async function lookAt(
  ctx: Pick<Context, 'tenantId'>,
  ports: LookPorts,
  id: TenantId,
  place: string,
): Promise<void> {
  const found = await findPublished(ports, place);
  const actor = { kind: 'system', name: LOOK_AGAIN } as const;
  await ports.run({ tenantId: ctx.tenantId, actor }, (inside) => takePublished(inside, ports, id, found));
}

async function takePublished(
  ctx: Context,
  ports: LookPorts,
  id: TenantId,
  found: Pick<Discovered, 'signed' | 'foundAt'>,
): Promise<void> {
  await lockPartner(ctx, id);
  const before = await findPartner(ctx, id);
  if (!before) return;
  const { signed, foundAt } = found;
  const heard = await hearKeys(before.keys, id, signed.document, kidOf(signed.signature) ?? '');
  await keepHeard(ctx, ports, before, heard);
  const record = (await findPartner(ctx, id))!;
  const target = { kind: 'partner', id, displayName: record.displayName };
  if (heard.isOlder) {
    ctx.record({
      action: 'partners.older-document',
      category: 'Policy',
      result: 'failure',
      targets: [target],
      facts: { foundAt, keys: signed.document.keys.map(({ kid }) => kid) },
    });
    return;
  }
  const isSame = isAsConfirmed(record, found);
  const wasProposed = record.proposed && JSON.stringify([record.proposed.document, record.proposedAt]);
  if (isSame ? record.proposed === null : wasProposed === JSON.stringify([signed.document, foundAt])) return;
  await keepProposed(ctx, id, isSame ? null : { signed, foundAt });
  if (isSame) return;
  ctx.record({
    action: 'partners.change-proposed',
    category: 'Policy',
    targets: [target],
    facts: { domains: signed.document.domains, foundAt, endpoint: signed.document.endpoint },
  });
}

function isAsConfirmed(record: PartnerRecord, { signed, foundAt }: Pick<Discovered, 'signed' | 'foundAt'>): boolean {
  const [now, then] = [signed.document, record.document.document];
  const factsOf = ({ tenantId, displayName, domains, endpoint, issuer }: typeof now) =>
    JSON.stringify([tenantId, displayName, domains, endpoint, issuer]);
  return factsOf(now) === factsOf(then) && foundAt === record.foundAt && !changesKeys(record.keys, now);
}

async function keepHeard(ctx: Context, ports: LookPorts, record: PartnerRecord, heard: Heard): Promise<void> {
  const { tenantId, displayName } = record;
  const note = (what: string, kid: string, facts: Record<string, unknown> = {}) =>
    ctx.record({
      action: `partners.partner-key-${what}`,
      category: 'KeyManagement',
      targets: [{ kind: 'partner', id: tenantId, displayName }],
      facts: { kid, ...facts },
    });
  for (const kid of heard.withdrawn) {
    await markKnownKey(ctx, tenantId, kid, 'withdrawn_at');
    note('withdrawn', kid);
  }
  for (const key of heard.succeeded) {
    await insertSuccessor(ctx, tenantId, key);
    note('announced', key.kid, { succeeds: key.succeeds });
  }
  for (const kid of heard.retired) {
    await markKnownKey(ctx, tenantId, kid, 'retired_at');
    note('retired', kid);
  }
  if (heard.withdrawn.length > 0) await tell(ctx, ports, record, 'withdrawn');
  else if (heard.succeeded.length > 0) await tell(ctx, ports, record, 'announced');
}

async function tell(ctx: Context, ports: LookPorts, record: PartnerRecord, news: KeyNews): Promise<void> {
  for (const { address, displayName, language } of await ports.administratorsOf(ctx))
    await queueMail(ctx, {
      kind: 'partner-key',
      aboutId: record.tenantId,
      to: { address, name: displayName },
      fromName: ctx.tenant.displayName,
      ...keyLetter(language, news, record.displayName),
    });
}

/** Queues a look at every partner, and forgets nonces whose time is over. */
export async function sweepPartners(ctx: Context): Promise<void> {
  await deleteOldNonces(ctx);
  for (const { tenantId } of await listPartners(ctx)) await deferLook(ctx, tenantId);
}

/** `place`: where it was last heard from, if not where it was confirmed. */
export const deferLook = (ctx: Context, partner: TenantId, place: string | null = null): Promise<void> =>
  ctx.defer(
    LOOK_AGAIN,
    { partnerTenantId: partner, place },
    { key: `${LOOK_AGAIN}:${ctx.tenantId}:${partner}`, maxAttempts: 3 },
  );

export const lookAgainJob = (ports: LookPorts): Job => ({
  name: LOOK_AGAIN,
  transaction: 'none',
  async run(ctx, { partnerTenantId, place }) {
    const id = partnerTenantId as TenantId;
    const record = await within(ctx, ports, (inside) => findPartner(inside, id), true);
    if (!record || (await ports.isHere(id))) return;
    if (typeof place === 'string') return lookAt(ctx, ports, id, place);
    await lookAt(ctx, ports, id, record.foundAt).catch((error: unknown) => {
      // Whoever has moved answers where they are now.
      if (record.proposedAt === null || record.proposedAt === record.foundAt) throw error;
      return lookAt(ctx, ports, id, record.proposedAt!);
    });
  },
});

/** Whoever says so is looked at: what they publish decides, and not their word. */
export const publishedAnewRequest: PartnerRequest = {
  name: PUBLISHED_ANEW,
  shape: z.object({ v: z.literal(1) }),
  transaction: 'write',
  isRoutine: true,
  async answer(ctx) {
    if (ctx.actor.kind !== 'visitor') throw kernelFaults.notFound();
    await deferLook(ctx, ctx.actor.homeTenantId);
    return { v: 1 };
  },
};
