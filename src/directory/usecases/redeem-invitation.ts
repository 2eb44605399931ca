/** How a guest accepts: shown what it is about, signed in at home, and bound to that identity for good. */
import { timingSafeEqual } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { AccountId, TenantId } from '../../kernel/ids.ts';
import { isConsentAutomatic, organisationOfDomain } from '../../partners/index.ts';
import { announceAccounts } from '../events.ts';
import { guestFaults } from '../faults.ts';
import type { Account } from '../model/account.ts';
import { type Invitation, nameFromAddress, PASSCODE_ISSUER, type ProvenIdentity } from '../model/guest.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount, findAccountByIdentity, updateAccount } from '../store/accounts.ts';
import { findGuest, findGuestIdByInvitedAddress, updateGuest } from '../store/guests.ts';
import { closeInvitations, listInvitations } from '../store/invitations.ts';
import { asVouched } from './admit-guest.ts';
import { acceptInvitation } from './asked.ts';
import { hashTicket } from './issue-invitation.ts';

export interface InvitationLink {
  readonly guestId: AccountId;
  readonly ticket: string;
}

/** What the holder of a link may know before signing in, and nothing else of the tenant. */
export interface DescribedInvitation {
  readonly tenantId: TenantId;
  readonly tenantName: string;
  readonly tenantDomain: string;
  readonly inviterName: string;
  readonly message: string | null;
  readonly invitedAddress: string;
  readonly redirectUrl: string;
  readonly endsAt: Date | null;
  readonly privacyStatementUrl: string | null;
  readonly privacyContact: string | null;
  readonly hasAccepted: boolean;
}

export type IdentityProvider =
  | { readonly kind: 'home-tenant'; readonly tenantId: TenantId }
  | { readonly kind: 'passcode'; readonly address: string };

/** How a person at home elsewhere stands in this tenant. */
export type GuestStanding =
  | { readonly status: 'accepted'; readonly accountId: AccountId }
  | { readonly status: 'pending'; readonly accountId: AccountId }
  | { readonly status: 'none' };

/** What the page behind a link shows. @throws invitation-not-found for every link that opens nothing. */
export async function describeInvitation(ctx: Context, link: InvitationLink): Promise<DescribedInvitation> {
  const { account, invitation } = await openLink(ctx, link);
  const settings = ctx.settings.tenant(externalCollaboration);
  return {
    tenantId: ctx.tenantId,
    tenantName: ctx.tenant.displayName,
    tenantDomain: ctx.tenant.defaultDomain,
    inviterName: invitation.inviterName,
    message: invitation.message,
    invitedAddress: invitation.invitedAddress,
    redirectUrl: invitation.redirectUrl,
    endsAt: account.endsAt,
    privacyStatementUrl: settings.privacyStatementUrl,
    privacyContact: settings.privacyContact,
    hasAccepted: account.externalUserState === 'Accepted',
  };
}

/**
 * Where somebody with this address signs in to this tenant: at the organisation that holds the domain, here or
 * elsewhere, else by a code to the address. A guest already bound stays with the provider they are bound to.
 * @throws no-way-to-sign-in when nothing is left (ID-11); the invitation stays open.
 */
export async function chooseIdentityProvider(ctx: Context, address: string): Promise<IdentityProvider> {
  const settings = ctx.settings.tenant(externalCollaboration);
  const guestId = await findGuestIdByInvitedAddress(ctx, address);
  const guest = guestId && (await findAccount(ctx, guestId));
  const isBound = guest?.externalUserState === 'Accepted';
  const usesPasscode = isBound && guest.identities.some((identity) => identity.issuer === PASSCODE_ISSUER);
  const homeTenantId =
    isBound && !usesPasscode ? guest.homeTenantId : await organisationOfDomain(ctx, domainOfAddress(address));
  if (homeTenantId && !usesPasscode) return { kind: 'home-tenant', tenantId: homeTenantId };
  if (!settings.emailPasscode) throw guestFaults.noWayToSignIn(settings.privacyContact);
  return { kind: 'passcode', address: address.toLowerCase() };
}

/** Whether the person is a guest here, or was invited and has not come yet. By the home's own address, no alias. */
export async function findGuestStanding(ctx: Context, identity: ProvenIdentity): Promise<GuestStanding> {
  const bound = await findAccountByIdentity(ctx, { issuer: identity.issuer, issuerAssignedId: identity.subject });
  if (bound) return { status: 'accepted', accountId: bound.id };
  const invitedId = await findGuestIdByInvitedAddress(ctx, identity.email);
  const invited = invitedId && (await findAccount(ctx, invitedId));
  if (invited?.externalUserState === 'PendingAcceptance' && (await provesAddress(ctx, identity, identity.email))) {
    return { status: 'pending', accountId: invited.id };
  }
  return { status: 'none' };
}

/**
 * Accepts an invitation: binds the guest to (issuer, subject) and writes down the consent. With the link, or without
 * it on the first visit of the invited person. Accepting again changes nothing.
 * @throws invitation-not-found; wrong-account when somebody else is signed in (ID-9): nothing is bound then;
 *   redemption-blocked when the domain list or the partner's setting has closed meanwhile (ID-15); consent-required.
 */
export async function redeemInvitation(
  ctx: Context,
  input: {
    readonly guestId: AccountId;
    readonly ticket?: string;
    readonly identity: ProvenIdentity;
    readonly hasConsented: boolean;
  },
): Promise<{ accountId: AccountId; redirectUrl: string | null }> {
  const { identity } = input;
  const opened =
    input.ticket === undefined ? undefined : await openLink(ctx, { guestId: input.guestId, ticket: input.ticket });
  const account = await findAccount(ctx, input.guestId, { lock: true });
  const guest = account && (await findGuest(ctx, account.id));
  if (!account || !guest || !isOpen(ctx, account)) throw guestFaults.invitationNotFound();
  const redirectUrl = opened?.invitation.redirectUrl ?? null;

  const isBoundTo = account.identities.some(
    (known) => known.issuer === identity.issuer && known.issuerAssignedId === identity.subject,
  );
  if (account.externalUserState === 'Accepted') {
    if (isBoundTo) return { accountId: account.id, redirectUrl };
    throw opened ? guestFaults.wrongAccount(identity.email, guest.invitedAddress) : guestFaults.invitationNotFound();
  }
  if (!(await isInvited(ctx, guest.invitedAddress, identity, opened !== undefined))) {
    throw opened ? guestFaults.wrongAccount(identity.email, guest.invitedAddress) : guestFaults.invitationNotFound();
  }
  const settings = ctx.settings.tenant(externalCollaboration);
  const domain = domainOfAddress(guest.invitedAddress);
  const answer = await ctx.ask(acceptInvitation, {
    domain,
    homeTenantId: identity.homeTenantId,
    accountId: account.id,
    ...asVouched(identity.vouched),
    userId: identity.homeAccountId,
  });
  if (answer.level !== 'accept') throw guestFaults.redemptionBlocked(settings.privacyContact);
  const isAutomatic = isConsentAutomatic(ctx.settings, identity.vouched);
  if (!input.hasConsented && !isAutomatic) throw guestFaults.consentRequired();

  const isNamed = account.displayName !== nameFromAddress(guest.invitedAddress);
  const displayName = isNamed ? account.displayName : (identity.displayName ?? account.displayName);
  const purpose = opened?.invitation.purpose ?? (account.creationType === null ? 'convert' : 'invite');
  await updateAccount(ctx, account.id, {
    displayName,
    identities: [{ signInType: 'federated', issuer: identity.issuer, issuerAssignedId: identity.subject }],
    homeTenantId: identity.homeTenantId,
    homeAccountId: identity.homeAccountId,
    homeDomain: domain,
    homeDisabledAt: null,
    externalUserState: 'Accepted',
    externalUserStateChangedAt: ctx.now,
    // Whatever was signed in under an earlier binding ends here.
    sessionsValidFrom: ctx.now,
  });
  await updateGuest(ctx, account.id, { consentedAt: isAutomatic ? null : ctx.now, staleStage: null, staleSince: null });
  await closeInvitations(ctx, account.id, 'Completed');
  ctx.record({
    action: 'directory.guest-redeemed',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName }],
    facts: {
      purpose,
      issuer: identity.issuer,
      homeTenantId: identity.homeTenantId,
      methods: identity.methods,
      // Both organisations agreed that nobody is asked.
      isAutomatic,
      // What the person agreed to share, by name.
      consentedTo: ['displayName', 'photo', 'mail', 'directoryIdentifiers'],
    },
  });
  await announceAccounts(ctx, [account.id]);
  return { accountId: account.id, redirectUrl };
}

/** The open invitation behind a link. One answer for all that is wrong with it. */
async function openLink(ctx: Context, link: InvitationLink): Promise<{ account: Account; invitation: Invitation }> {
  const wanted = hashTicket(link.ticket);
  const [account, invitations] = [await findAccount(ctx, link.guestId), await listInvitations(ctx, link.guestId)];
  // A ticket of 256 random bits cannot be guessed letter by letter when the hashes are compared.
  const invitation = invitations.find(({ ticketHash }) => timingSafeEqual(ticketHash, wanted));
  if (!account || !invitation || invitation.state === 'Error' || !isOpen(ctx, account)) {
    throw guestFaults.invitationNotFound();
  }
  return { account, invitation };
}

const isOpen = (ctx: Context, account: Account): boolean =>
  account.accountEnabled && (account.endsAt === null || account.endsAt > ctx.now);

/** Whether the invitation is for this person. An alias of the invited address counts only with the link. */
async function isInvited(
  ctx: Context,
  invitedAddress: string,
  identity: ProvenIdentity,
  hasTicket: boolean,
): Promise<boolean> {
  const addresses = [identity.email, ...(hasTicket ? (identity.aliases ?? []) : [])];
  const isTheirs = addresses.some((address) => address.toLowerCase() === invitedAddress);
  return isTheirs && provesAddress(ctx, identity, invitedAddress);
}

/**
 * Whether an issuer's word about an address counts: an organisation's for its own domains, a passcode's for those
 * that none holds. Otherwise anybody could write a stranger's address into their own account and take their place.
 */
async function provesAddress(ctx: Context, identity: ProvenIdentity, address: string): Promise<boolean> {
  const holder = (await organisationOfDomain(ctx, domainOfAddress(address))) ?? null;
  if (identity.issuer === PASSCODE_ISSUER) {
    return holder === null && identity.subject.toLowerCase() === address.toLowerCase();
  }
  return holder !== null && holder === identity.homeTenantId;
}

const domainOfAddress = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();
