import type { JWK } from 'jose';
import { agreedTerms, type GrantedTerm, type HeldSettings } from '../../kernel/agreement.ts';
import type { Context } from '../../kernel/context.ts';
import type { TenantId } from '../../kernel/ids.ts';
import { countLetters, queueMail } from '../../platform/mail-queue.ts';
import { holdSettings } from '../../tenants/index.ts';
import { effectiveTerms, levelsAmong, standingOf } from '../model/agreement.ts';
import { type AgreementNews, agreementLetter } from '../model/agreement-letters.ts';
import {
  findAgreement,
  insertMessage,
  type KeptAgreement,
  listAgreements,
  lockAgreements,
  markAgreement,
} from '../store/agreements.ts';
import { listPublicKeys } from '../store/keys.ts';
import type { AgreementPorts } from './agreement-ports.ts';
import { type CheckedAgreement, checkAgreement, type KeysOf } from './check-agreement.ts';

/** Jobs of agreements: each takes the id of one, and does nothing where nothing is to be done. */
export const APPLY = 'partners.apply-agreement';
export const SEND = 'partners.send-agreement';
export const CHECK = 'partners.check-agreement';
/** Of a whole tenant: by the clock, and when its settings are found to rest on something that was not signed. */
export const CHECK_ALL = 'partners.check-agreements';

/** The request by which one side tells the other that its copy is not what was signed, or is so again. */
export const ALARM = 'partners.agreement-alarm';

/** Our own keys, as they are stored; of the partner those that were kept, or the ones it publishes where they are known. */
export async function keysOfParties(
  ctx: Pick<Context, 'tx' | 'tenantId'>,
  partner?: { readonly tenantId: string; readonly keys: readonly JWK[] },
): Promise<KeysOf> {
  const ours = (await listPublicKeys(ctx)).map(({ publicJwk }) => publicJwk);
  return (tenantId) => (tenantId === ctx.tenantId ? ours : tenantId === partner?.tenantId ? partner.keys : undefined);
}

export const readChecked = async (
  ctx: Pick<Context, 'tx' | 'tenantId'>,
  kept: KeptAgreement,
): Promise<CheckedAgreement> => checkAgreement(kept, ctx.tenantId, await keysOfParties(ctx));

/** Which of the agreements named in a tenant's settings are what was signed: of others nothing may be believed. */
export async function soundAgreements(
  ctx: Pick<Context, 'tx' | 'tenantId'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const sound = new Set<string>();
  for (const kept of await listAgreements(ctx, { ids })) {
    const { problems } = await readChecked(ctx, kept);
    if (problems.length === 0 && kept.brokenAt === null) sound.add(kept.id);
  }
  return sound;
}

/**
 * Makes the settings of every module what the agreement says now, and takes them away when it says nothing any more.
 * For the server itself; doing it twice is doing it once.
 */
export async function applyAgreement(ctx: Context, ports: AgreementPorts, id: string): Promise<void> {
  await lockAgreements(ctx);
  const kept = await findAgreement(ctx, id);
  if (!kept) return;
  const found = await readChecked(ctx, kept);
  if (found.problems.length > 0) return breakAgreement(ctx, ports, found);
  const { state, inForce } = standingOf(found.said);
  const isBroken = kept.brokenAt !== null || kept.partnerBrokenAt !== null;
  const isOver = state === 'ended' || kept.isOver;
  const wanted = isBroken || isOver || !inForce ? [] : settingsOf(ctx, ports, found);
  const isChanged = await holdSettings(ctx, ports, id, wanted);
  // Once: what is given later, under another agreement or under none, does not stand on this one.
  if (state === 'ended' && !kept.isOver) {
    await markAgreement(ctx, id, { isOver: true });
    const names = new Set(inForce?.text.terms.map(({ term }) => term));
    const kinds = ports.terms().flatMap((term) => (names.has(term.name) ? (term.grantKinds ?? []) : []));
    await ports.endStandingOn(ctx, {
      agreementId: id,
      tenantId: kept.partnerTenantId as TenantId,
      displayName: kept.partnerName,
      domains: kept.partnerDomains,
      kinds,
    });
  }
  if (!isChanged) return;
  ctx.record({
    action: 'partners.agreement-applied',
    category: 'Policy',
    targets: [{ kind: 'agreement', id, displayName: kept.partnerName }],
    facts: { state, version: inForce?.text.version ?? null, partnerTenantId: kept.partnerTenantId },
  });
  // With what was applied, not after it: a setting that is changed meanwhile would be taken for how it began.
  await ports.measureFromNow(ctx, id);
}

/** Every value that an agreement holds here while it is active or suspended. */
export function settingsOf(ctx: Context, ports: AgreementPorts, { kept, said }: CheckedAgreement): HeldSettings[] {
  const terms = ports.terms();
  const { state, inForce } = standingOf(said);
  const parties = inForce!.text.parties;
  const ours = parties.find(({ tenantId }) => tenantId === ctx.tenantId)!;
  const theirs = parties.find(({ tenantId }) => tenantId === kept.partnerTenantId)!;
  const effective = effectiveTerms(said, levelsAmong(terms));
  const goes = (of: string, people: 'owners' | 'users') =>
    Object.fromEntries(
      effective
        .filter((one) => one.of === of)
        .map((one) => [one.term, { level: one.level, until: one.until, people: one[people] }]),
    );
  const values = {
    agreementId: kept.id,
    isInForce: state === 'active',
    domains: theirs.domains.filter((domain) => kept.partnerDomains.includes(domain)),
    // Of those who are reached, each side knows its own.
    ours: goes(ours.domain, 'owners'),
    theirs: goes(theirs.domain, 'users'),
  };
  const held: HeldSettings[] = [{ declaration: agreedTerms, target: kept.partnerTenantId, values }];
  if (state !== 'active') return held;
  for (const term of terms) {
    const level = (of: string) => {
      const found = effective.find((one) => one.term === term.name && one.of === of);
      const isPast = found?.until != null && new Date(found.until) <= ctx.now;
      return found && !isPast ? found.level : (term.levels[0] ?? 'none');
    };
    const granted: GrantedTerm = { ours: level(ours.domain), theirs: level(theirs.domain) };
    if (effective.some((one) => one.term === term.name)) held.push(...(term.settings?.(theirs, granted) ?? []));
  }
  return held;
}

/** Nothing of an agreement that is not what was signed holds. Both sides are told once. */
export async function breakAgreement(
  ctx: Context,
  ports: AgreementPorts,
  { kept, problems }: Pick<CheckedAgreement, 'kept' | 'problems'>,
): Promise<void> {
  await holdSettings(ctx, ports, kept.id, []);
  if (kept.brokenAt !== null || kept.isOver) return;
  await markAgreement(ctx, kept.id, { brokenAt: ctx.now });
  ctx.record({
    action: 'partners.agreement-broken',
    category: 'Policy',
    result: 'failure',
    reason: problems[0] ?? '',
    targets: [{ kind: 'agreement', id: kept.id, displayName: kept.partnerName }],
    facts: { problems, partnerTenantId: kept.partnerTenantId },
  });
  await tellAdministrators(ctx, ports, kept, 'broken');
  await say(ctx, kept.id, ALARM, { v: 1, agreementId: kept.id, isBroken: true });
}

/** What was restored holds again. */
export async function mendAgreement(ctx: Context, kept: KeptAgreement): Promise<void> {
  if (kept.brokenAt === null) return;
  await markAgreement(ctx, kept.id, { brokenAt: null });
  ctx.record({
    action: 'partners.agreement-restored',
    category: 'Policy',
    targets: [{ kind: 'agreement', id: kept.id, displayName: kept.partnerName }],
    facts: { partnerTenantId: kept.partnerTenantId },
  });
  await say(ctx, kept.id, ALARM, { v: 1, agreementId: kept.id, isBroken: false });
  await ctx.defer(APPLY, { agreementId: kept.id });
}

/** Queues a message for the partner: it goes once this transaction is committed, after those before it. */
export async function say(ctx: Context, agreementId: string, request: string, payload: unknown): Promise<void> {
  await insertMessage(ctx, agreementId, { request, payload });
  await ctx.defer(SEND, { agreementId }, { key: `${SEND}:${ctx.tenantId}:${agreementId}` });
}

/** To one administrator about one agreement. */
const LETTERS_AN_HOUR = 20;

export async function tellAdministrators(
  ctx: Context,
  ports: AgreementPorts,
  kept: Pick<KeptAgreement, 'id' | 'partnerName' | 'versions'>,
  news: AgreementNews,
  title?: string,
): Promise<void> {
  const names = { partner: kept.partnerName, title: title ?? kept.partnerName };
  const since = new Date(ctx.now.getTime() - 3_600_000);
  for (const { address, displayName, language } of await ports.administratorsOf(ctx)) {
    // A partner that changes its mind all day is read about on the agreement's page.
    if ((await countLetters(ctx, kept.id, { to: address, since })) >= LETTERS_AN_HOUR) continue;
    await queueMail(ctx, {
      kind: 'agreement',
      aboutId: kept.id,
      to: { address, name: displayName },
      fromName: ctx.tenant.displayName,
      ...agreementLetter(language, news, names),
    });
  }
}

/**
 * Checks one agreement to the bottom: also that the partner still publishes the keys it signed with. Opens what it needs
 * itself. Returns what does not hold.
 */
export async function verifyAgreement(
  ctx: Pick<Context, 'tenantId' | 'correlationId'>,
  ports: AgreementPorts,
  id: string,
): Promise<readonly string[]> {
  const { tenantId, correlationId } = ctx;
  const actor = { kind: 'system', name: CHECK } as const;
  const within = <T>(act: (inside: Context) => Promise<T>) => ports.run({ tenantId, actor, correlationId }, act);
  const seen = await within((inside) => findAgreement(inside, id));
  if (!seen) return [];
  const partner = await ports.partnerOf(ctx, seen.partnerTenantId as TenantId).catch(() => undefined);
  return within(async (inside) => {
    await lockAgreements(inside);
    const kept = await findAgreement(inside, id);
    if (!kept) return [];
    const published = partner && { tenantId: kept.partnerTenantId, keys: partner.everyKey };
    const found = await checkAgreement(kept, tenantId, await keysOfParties(inside, published));
    if (found.problems.length > 0) await breakAgreement(inside, ports, found);
    else if (kept.brokenAt !== null) await mendAgreement(inside, kept);
    // What was changed by hand, and what has come to its end, is put right.
    else await inside.defer(APPLY, { agreementId: id });
    return found.problems;
  });
}

/** Has every agreement that is not over checked; each by a job of its own. */
export async function sweepAgreements(ctx: Context): Promise<void> {
  for (const { id } of await listAgreements(ctx, { isOver: false })) {
    await ctx.defer(CHECK, { agreementId: id }, { key: `${CHECK}:${ctx.tenantId}:${id}` });
    await ctx.defer(SEND, { agreementId: id }, { key: `${SEND}:${ctx.tenantId}:${id}` });
  }
}
