import { type Grant, listGrants, putGrant } from '../../access/index.ts';
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { GRANTS } from '../grants.ts';
import type { Calendar, CalendarId, Owner } from '../model/calendar.ts';
import { type Role, rankOf } from '../model/roles.ts';
import { sharesEndedLetter } from '../model/sharing-letters.ts';
import { capOf, type Recipient } from '../model/sharing-policy.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { listCalendars, listMailboxes } from '../store/calendars.ts';
import { endShares } from './links.ts';
import { readOwner } from './owners.ts';
import { type Policies, policiesOf, policyFor } from './policies.ts';
import { sharingCapability } from './sharing-capabilities.ts';
import { policiesIf, type WrittenPolicy } from './sharing-policies.ts';
import { tellShareOver } from './tell-share-over.ts';

/** A share that is above what the policy of its owner, or a capability, permits. */
export interface Excess {
  readonly grant: Grant;
  readonly calendar: Calendar;
  readonly from: Role;
  /** `none`: the share ends. */
  readonly to: Role;
}

/** The shares that a change of a policy would lower or end (EX-36). Nothing is changed. */
export async function tryPolicy(ctx: Context, id: string | undefined, written: WrittenPolicy): Promise<Excess[]> {
  await ctx.demand(administerCalendars, undefined, 'read');
  return excessesUnder(ctx, await policiesIf(ctx, id, written));
}

/**
 * Lowers every share outside to what its owner's policy and the capabilities permit now, ends those that it permits no more, and tells each
 * owner once. What was lowered or ended stays so when the policy is loosened again.
 */
export async function enforceSharing(ctx: Context): Promise<void> {
  const excesses = await excessesUnder(ctx, policiesOf(ctx.settings));
  for (const excess of excesses) await enforce(ctx, excess);
  const byOwner = Map.groupBy(excesses, ({ calendar: { owner } }) => `${owner.kind} ${owner.id}`);
  for (const mine of byOwner.values()) await tellEnded(ctx, (mine[0] as Excess).calendar.owner, mine, 'policy');
}

async function enforce(ctx: Context, { grant, calendar, from, to }: Excess): Promise<void> {
  if (to === 'none') await tellShareOver(ctx, calendar, await endShares(ctx, [grant.id]));
  else await putGrant(ctx, { ...grant, level: to });
  ctx.record({
    action: to === 'none' ? 'calendars.permission-removed' : 'calendars.permission-changed',
    category: 'Calendar',
    targets: [
      {
        kind: 'calendar',
        id: calendar.id,
        displayName: calendar.name,
        changes: [{ name: 'role', old: from, new: to === 'none' ? null : to }],
      },
    ],
    reason: 'The sharing policy permits no more.',
    facts: {
      subject: grant.subject,
      level: to === 'none' ? null : to,
      ownerKind: calendar.owner.kind,
      ownerId: calendar.owner.id,
    },
  });
}

/** Tells an owner what of theirs is shared less than before, and who or what did that. */
export async function tellEnded(
  ctx: Context,
  owner: Owner,
  excesses: readonly Excess[],
  by: 'policy' | 'administrator',
): Promise<void> {
  const card = await readOwner(ctx, owner);
  if (card?.address === undefined) return;
  const account = owner.kind === 'account' ? await findAccount(ctx, owner.id as AccountId) : undefined;
  const letter = sharesEndedLetter(account?.preferredLanguage, {
    tenantName: ctx.tenant.displayName,
    by,
    shares: excesses.map(({ grant, calendar, to }) => ({
      calendar: calendar.name,
      recipient: grant.subject.kind === 'anyone' ? null : grant.subject.id,
      role: to,
    })),
  });
  await queueMail(ctx, {
    kind: 'sharing-policy',
    aboutId: owner.id,
    to: { address: card.address, name: card.displayName },
    fromName: ctx.tenant.displayName,
    ...letter,
  });
}

async function excessesUnder(ctx: Context, policies: Policies): Promise<Excess[]> {
  const outside = (await listGrants(ctx, { kind: GRANTS.calendar.kind })).filter(isOutside);
  const ids = [...new Set(outside.map(({ object }) => object.id as CalendarId))];
  const calendars = new Map((await listCalendars(ctx, { ids })).map((one) => [one.id as string, one]));
  const owners = [...calendars.values()].map(({ owner }) => owner);
  const assigned = new Map((await listMailboxes(ctx, owners)).map((one) => [one.owner.id, one.sharingPolicyId]));
  const excesses: Excess[] = [];
  for (const grant of outside) {
    const calendar = calendars.get(grant.object.id);
    if (!calendar) continue;
    const recipient = recipientOf(grant);
    const byPolicy = capOf(policyFor(policies, assigned.get(calendar.owner.id) ?? null), recipient);
    const byCapability = (await sharingCapability(ctx, calendar.owner, recipient))?.role ?? byPolicy;
    const cap = rankOf(byCapability) < rankOf(byPolicy) ? byCapability : byPolicy;
    const from = grant.level as Role;
    if (rankOf(from) > rankOf(cap)) excesses.push({ grant, calendar, from, to: cap });
  }
  return excesses;
}

const isOutside = ({ subject }: Grant) => subject.kind === 'contact' || subject.kind === 'anyone';

/** Whom a grant reaches; what is published reaches nobody by name. */
const recipientOf = ({ homeDomain, homeTenantId }: Grant): Recipient => ({
  domain: homeDomain ?? '',
  isOrganisation: homeTenantId !== null,
  tenantId: homeTenantId,
});
