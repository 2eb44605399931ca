import { deleteGrants, type Grant, listGrants, putGrant } from '../../access/index.ts';
import { findAccount } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { queueMail } from '../../platform/mail-queue.ts';
import { GRANTS } from '../grants.ts';
import type { CalendarId, Owner } from '../model/calendar.ts';
import { type Role, rankOf } from '../model/roles.ts';
import { sharesEndedLetter } from '../model/sharing-letters.ts';
import { capOf, mayHaveContacts, type Recipient, type SharingPolicy } from '../model/sharing-policy.ts';
import { administerCalendars } from '../questions/calendars.ts';
import { listAddressBooks } from '../store/address-books.ts';
import { listCalendars, listMailboxes } from '../store/calendars.ts';
import { endShares } from './links.ts';
import { readOwner } from './owners.ts';
import { type Policies, policiesOf, policyFor } from './policies.ts';
import { sharingCapability } from './sharing-capabilities.ts';
import { policiesIf, type WrittenPolicy } from './sharing-policies.ts';
import { tellShareOver } from './tell-share-over.ts';

/** A calendar or an address book, as its owner knows it. */
export interface Shared {
  readonly kind: 'calendar' | 'address-book';
  readonly id: string;
  readonly name: string;
  readonly owner: Owner;
}

/** A share that is above what the policy of its owner, or a capability, permits. */
export interface Excess {
  readonly grant: Grant;
  readonly shared: Shared;
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
  const byOwner = Map.groupBy(excesses, ({ shared: { owner } }) => `${owner.kind} ${owner.id}`);
  for (const mine of byOwner.values()) await tellEnded(ctx, (mine[0] as Excess).shared.owner, mine, 'policy');
}

async function enforce(ctx: Context, { grant, shared, from, to }: Excess): Promise<void> {
  if (shared.kind === 'address-book') await deleteGrants(ctx, [grant.id]);
  else if (to === 'none') await tellShareOver(ctx, shared, await endShares(ctx, [grant.id]));
  else await putGrant(ctx, { ...grant, level: to });
  const verb = to === 'none' ? 'removed' : 'changed';
  const isCalendar = shared.kind === 'calendar';
  ctx.record({
    action: isCalendar ? `calendars.permission-${verb}` : `calendars.contacts-permission-${verb}`,
    category: isCalendar ? 'Calendar' : 'Contacts',
    targets: [
      {
        kind: shared.kind,
        id: shared.id,
        displayName: shared.name,
        changes: [{ name: 'role', old: from, new: to === 'none' ? null : to }],
      },
    ],
    reason: 'The sharing policy permits no more.',
    facts: {
      subject: grant.subject,
      level: to === 'none' ? null : to,
      ownerKind: shared.owner.kind,
      ownerId: shared.owner.id,
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
    shares: excesses.map(({ grant, shared, to }) => ({
      calendar: shared.name,
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
  const kinds = [GRANTS.calendar.kind, GRANTS.addressBook.kind];
  const outside = (await Promise.all(kinds.map((kind) => listGrants(ctx, { kind })))).flat().filter(isOutside);
  const known = new Map((await sharedBy(ctx, outside)).map((one) => [one.id, one]));
  const owners = [...known.values()].map(({ owner }) => owner);
  const assigned = new Map((await listMailboxes(ctx, owners)).map((one) => [one.owner.id, one.sharingPolicyId]));
  const excesses: Excess[] = [];
  for (const grant of outside) {
    const shared = known.get(grant.object.id);
    if (!shared) continue;
    const policy = policyFor(policies, assigned.get(shared.owner.id) ?? null);
    const from = grant.level as Role;
    const to =
      shared.kind === 'calendar' ? await capFor(ctx, shared.owner, policy, grant) : contactsUnder(policy, grant);
    if (rankOf(from) > rankOf(to)) excesses.push({ grant, shared, from, to });
  }
  return excesses;
}

async function capFor(ctx: Context, owner: Owner, policy: SharingPolicy | undefined, grant: Grant): Promise<Role> {
  const recipient = recipientOf(grant);
  const byPolicy = capOf(policy, recipient);
  const byCapability = (await sharingCapability(ctx, owner, recipient))?.role ?? byPolicy;
  return rankOf(byCapability) < rankOf(byPolicy) ? byCapability : byPolicy;
}

/** Of contacts there is all or nothing. */
const contactsUnder = (policy: SharingPolicy | undefined, grant: Grant): Role =>
  mayHaveContacts(policy, recipientOf(grant)) ? (grant.level as Role) : 'none';

async function sharedBy(ctx: Context, grants: readonly Grant[]): Promise<Shared[]> {
  const ids = (kind: string) => [
    ...new Set(grants.filter(({ object }) => object.kind === kind).map(({ object }) => object.id)),
  ];
  const calendars = await listCalendars(ctx, { ids: ids('calendar') as CalendarId[] });
  const bookIds = ids('address-book');
  const books = bookIds.length > 0 ? await listAddressBooks(ctx, { ids: bookIds }) : [];
  return [
    ...calendars.map(({ id, name, owner }) => ({ kind: 'calendar', id, name, owner }) as const),
    ...books.map(({ id, name, accountId }) => {
      const owner = { kind: 'account', id: accountId } as const;
      return { kind: 'address-book', id, name, owner } as const;
    }),
  ];
}

const isOutside = ({ subject }: Grant) => subject.kind === 'contact' || subject.kind === 'anyone';

/** Whom a grant reaches; what is published reaches nobody by name. */
const recipientOf = ({ homeDomain, homeTenantId }: Grant): Recipient => ({
  domain: homeDomain ?? '',
  isOrganisation: homeTenantId !== null,
  tenantId: homeTenantId,
});
