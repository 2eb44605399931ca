/** How somebody from elsewhere gets an account here: by invitation, by a list, or by being added to something. */
import type { Context } from '../../kernel/context.ts';
import { atLeast } from '../../kernel/decision.ts';
import { type AccountId, newId } from '../../kernel/ids.ts';
import { homeHasLetOut, organisationOfDomain, partnerMayComeIn, type Vouched } from '../../partners/index.ts';
import { countIdentitySeats } from '../../tenants/index.ts';
import { directoryFaults, guestFaults } from '../faults.ts';
import { type Account, isFromElsewhere } from '../model/account.ts';
import { parseAddress } from '../model/address.ts';
import { listInForce } from '../model/domain-list.ts';
import { guestPrincipalName, nameFromAddress, SPONSORS_AT_MOST, type Sponsor } from '../model/guest.ts';
import type { InviteFacts } from '../questions/guests.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount, insertAccount } from '../store/accounts.ts';
import {
  countPeople,
  findByAddress,
  findPossibleSponsors,
  insertGuest,
  isPrincipalNameFree,
  lockAddress,
  readSponsors,
  writeSponsors,
} from '../store/guests.ts';

import { inviteGuest } from './asked.ts';

export interface AdmitGuest {
  readonly address: string;
  readonly displayName?: string | null;
  readonly userType?: 'Guest' | 'Member';
  /** Ids of members and groups here. Default: whoever invites. */
  readonly sponsorIds?: readonly string[];
  /** Default: the tenant's setting. */
  readonly endsAt?: Date | null;
  readonly reason?: string | null;
  readonly preferredLanguage?: string | null;
  /** What the person's home has said of them, where it was asked. */
  readonly vouched?: Vouched | undefined;
}

/**
 * The guest of an address, made now if there was none. Two calls at the same moment get the same one (ID-33).
 * Checks in the order of the invitation algorithm; the first failure wins.
 * @throws invitations-disabled, member-invite-not-allowed, internal-domain, domain-not-allowed,
 *   blocked-by-cross-tenant-access, conflicting-object, guest-quota-exceeded, sponsor-required, sponsor-not-found.
 */
export async function admitGuest(ctx: Context, input: AdmitGuest): Promise<{ account: Account; isNew: boolean }> {
  const { address, domain } = parseAddress(input.address);
  await demandInvite(ctx, domain, input.userType === 'Member' ? 'invite-member' : 'invite', input.vouched);
  await lockAddress(ctx, address);

  const holder = await findByAddress(ctx, address);
  if (holder?.kind === 'account') {
    const account = await findAccount(ctx, holder.id as AccountId);
    if (account && isFromElsewhere(account)) return { account, isNew: false };
    throw guestFaults.conflictingObject('member');
  }
  if (holder?.kind === 'group') throw guestFaults.conflictingObject('group');

  await demandRoom(ctx);
  const sponsors = await chooseSponsors(ctx, input.sponsorIds);
  const userPrincipalName = await freePrincipalName(ctx, address);
  const account = await insertAccount(ctx, {
    userPrincipalName,
    displayName: input.displayName?.trim() || nameFromAddress(address),
    mail: address,
    // A contact keeps the address it holds (ID-28); the guest is then found by the address as invited.
    proxyAddresses: holder ? [] : [`SMTP:${address}`],
    userType: input.userType ?? 'Guest',
    creationType: 'Invitation',
    externalUserState: 'PendingAcceptance',
    externalUserStateChangedAt: ctx.now,
    identities: [
      {
        signInType: 'userPrincipalName',
        issuer: ctx.tenant.initialDomain,
        issuerAssignedId: userPrincipalName.toLowerCase(),
      },
    ],
    homeDomain: domain,
    showInAddressList: false,
    preferredLanguage: input.preferredLanguage ?? null,
    endsAt: stayUntil(ctx, input.endsAt),
  });
  await writeSponsors(ctx, account.id, sponsors);
  await insertGuest(ctx, {
    accountId: account.id,
    invitedAddress: address.toLowerCase(),
    invitedBy: actorId(ctx),
    reason: input.reason ?? null,
  });
  ctx.record({
    action: 'directory.guest-invited',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName: account.displayName }],
    facts: {
      userPrincipalName,
      address,
      userType: account.userType,
      sponsors,
      endsAt: account.endsAt?.toISOString() ?? null,
      reason: input.reason ?? null,
    },
  });
  return { account, isNew: true };
}

/** As the questions take it: a person of whom home has said nothing is met by what is said of everybody. */
export const asVouched = (vouched: Vouched | undefined) => ({
  userId: vouched?.who.userId ?? null,
  groupIds: [...(vouched?.who.groupIds ?? [])],
  homeLetsOut: vouched?.homeLetsOut ?? true,
  homeReference: vouched?.homeReference ?? null,
});

const ABOUT_DOMAIN = ['directory.guest-domain-is-allowed', partnerMayComeIn.name, homeHasLetOut.name];

/** Steps 2 to 5 of the algorithm: one question, and the first rule in the way names the failure. */
async function demandInvite(
  ctx: Context,
  domain: string,
  wanted: 'invite' | 'invite-member',
  vouched: Vouched | undefined,
): Promise<void> {
  const homeTenantId = vouched?.homeTenantId ?? (await organisationOfDomain(ctx, domain)) ?? null;
  const answer = await ctx.ask(inviteGuest, { domain, homeTenantId, ...asVouched(vouched) }, { wanted });
  const facts = { decisionId: answer.decisionId, because: answer.because };
  const refusing = answer.level === 'none' ? answer.because : [];
  const names = refusing.map((reason) => (reason.kind === 'ceiling' ? reason.name : reason.kind));
  const isAboutDomain = (name: string) => ABOUT_DOMAIN.includes(name);
  if (names.some((name) => !isAboutDomain(name))) throw guestFaults.invitationsDisabled(facts);
  if (answer.level === 'invite' && wanted === 'invite-member') throw guestFaults.memberInviteNotAllowed(facts);
  if (isOwnDomain(ctx, domain)) throw guestFaults.internalDomain(domain);
  if (names.includes('directory.guest-domain-is-allowed')) {
    throw guestFaults.domainNotAllowed(domain, listInForce(ctx.settings.tenant(externalCollaboration)), facts);
  }
  if (names.length > 0) throw guestFaults.blockedByCrossTenantAccess(facts);
  if (!atLeast(answer, wanted)) throw guestFaults.invitationsDisabled(facts);
}

export const isOwnDomain = (ctx: Context, domain: string): boolean =>
  ctx.tenant.domains.includes(domain) || ctx.tenant.initialDomain === domain;

/**
 * Step 8: so many guests for each identity licence, where the tenant has set a ratio (ID §1.15).
 * BOUNDARY: every guest counts, since what somebody is licensed for at home is their home's to know (XC-3).
 */
async function demandRoom(ctx: Context): Promise<void> {
  const { guestRatio } = ctx.settings.tenant(externalCollaboration);
  if (guestRatio === null) return;
  const { guests, atHome } = await countPeople(ctx);
  const most = Math.floor(guestRatio * (await countIdentitySeats(ctx, atHome)));
  if (guests >= most) throw guestFaults.guestQuotaExceeded(most);
}

/** Those named; else the inviter; else whom the inviter answers to. Nobody comes without somebody who answers. */
export async function chooseSponsors(ctx: Context, named: readonly string[] | undefined): Promise<Sponsor[]> {
  const ids = [...new Set(named ?? [])];
  if (ids.length > SPONSORS_AT_MOST) throw directoryFaults.tooManySponsors();
  if (ids.length > 0) {
    const found = await findPossibleSponsors(ctx, ids);
    const missing = ids.find((id) => !found.some((sponsor) => sponsor.id === id));
    if (missing !== undefined) throw guestFaults.sponsorNotFound(missing);
    return found;
  }
  const { actor } = ctx;
  if (actor.kind === 'account') {
    if (actor.userType === 'Member') return [{ kind: 'account', id: actor.accountId }];
    // A guest cannot answer for another guest; those inside who answer for the first one do.
    const inherited = await readSponsors(ctx, actor.accountId);
    const present = await findPossibleSponsors(
      ctx,
      inherited.map((sponsor) => sponsor.id),
    );
    if (present.length > 0) return present;
  }
  const { defaultSponsorId } = ctx.settings.tenant(externalCollaboration);
  const fallback = defaultSponsorId === null ? [] : await findPossibleSponsors(ctx, [defaultSponsorId]);
  if (fallback.length === 0) throw guestFaults.sponsorRequired();
  return fallback;
}

/** When a stay that begins now ends: every stay does (beyond 3.10). @throws ends-in-the-past. */
export function stayUntil(ctx: Context, wanted: Date | null | undefined): Date {
  if (wanted) {
    if (wanted <= ctx.now) throw guestFaults.endsInThePast();
    return wanted;
  }
  const { guestStayDays } = ctx.settings.tenant(externalCollaboration);
  return new Date(ctx.now.getTime() + guestStayDays * 86_400_000);
}

/** A sign-in name for somebody from elsewhere that nobody has. */
export async function freePrincipalName(ctx: Context, address: string): Promise<string> {
  const name = guestPrincipalName(address, ctx.tenant.initialDomain);
  if (await isPrincipalNameFree(ctx, name)) return name;
  // Random, so that the suffix says nothing of who was here before.
  return guestPrincipalName(address, ctx.tenant.initialDomain, `_${newId().slice(-6)}`);
}

/** Who acts, as one word for a row. */
export function actorId(ctx: Context): string {
  const { actor } = ctx;
  switch (actor.kind) {
    case 'account':
      return actor.accountId;
    case 'application':
      return actor.applicationId;
    case 'operator':
      return actor.accountId ?? 'operator';
    case 'system':
      return actor.name;
    case 'visitor':
      return actor.address;
    case 'anonymous':
      return 'anonymous';
  }
}

export type { InviteFacts };
