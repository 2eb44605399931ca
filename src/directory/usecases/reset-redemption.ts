import { operatesServer } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import type { Vouched } from '../../partners/index.ts';
import { findTenantIdByDomain } from '../../tenants/index.ts';
import { announceAccounts } from '../events.ts';
import { guestFaults } from '../faults.ts';
import { type Account, isFromElsewhere } from '../model/account.ts';
import { parseAddress } from '../model/address.ts';
import { listInForce } from '../model/domain-list.ts';
import { resetRedemptionOf, resetRoleHolder } from '../questions/guests.ts';
import { externalCollaboration } from '../settings.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import {
  findByAddress,
  findGuest,
  insertGuest,
  lockAddress,
  readSponsors,
  updateGuest,
  writeSponsors,
} from '../store/guests.ts';
import { closeInvitations } from '../store/invitations.ts';
import { actorId, asVouched, chooseSponsors, isOwnDomain, stayUntil } from './admit-guest.ts';
import { acceptInvitation, changeAccount, rolesInReachOf } from './asked.ts';
import { type CreatedInvitation, demandCopies, demandRedirectUrl } from './create-invitation.ts';
import { issueInvitation } from './issue-invitation.ts';

export interface ResetRedemption {
  readonly accountId: AccountId;
  readonly address: string;
  /** What the home of the address has said of whoever has it, where it was asked. */
  readonly vouched?: Vouched | undefined;
  /** Adds the address to the account first, so that one call does both. */
  readonly isNewAddress?: boolean;
  readonly redirectUrl: string;
  readonly isMailed?: boolean;
  readonly message?: string | null;
  readonly messageLanguage?: string | null;
  readonly cc?: readonly string[];
  readonly origin: string;
}

/**
 * Lets an account be bound to another identity (ID-24): a guest whose home changed, or a member of ours who shall sign
 * in at another home. Id, sign-in name, memberships and rights stay. A guest's old identity ends now; a member keeps
 * the way in until the invitation is accepted.
 * @throws not-found, address-not-on-guest, internal-domain, domain-not-allowed, conflicting-object.
 */
export async function resetRedemption(ctx: Context, input: ResetRedemption): Promise<CreatedInvitation> {
  const { address, domain } = parseAddress(input.address);
  const redirectUrl = demandRedirectUrl(ctx, input.redirectUrl);
  const cc = demandCopies(input.cc ?? []);
  await ctx.demand(resetRedemptionOf, undefined, 'write');
  const account = await findAccount(ctx, input.accountId, { lock: true });
  if (!account) throw kernelFaults.notFound();
  // Whoever may rebind an administrator could become one.
  const roles = await rolesInReachOf(ctx, account.id);
  if (roles.length > 0) await ctx.demand(resetRoleHolder, undefined, 'write');
  if (await operatesServer(ctx, account.id)) await ctx.demand(changeAccount, account.id, 'sign-in');

  if (isOwnDomain(ctx, domain)) throw guestFaults.internalDomain(domain);
  await demandAcceptable(ctx, account, domain, input.vouched);
  const lower = address.toLowerCase();
  const isKnown = [account.mail, ...account.otherMails].some((known) => known?.toLowerCase() === lower);
  if (!isKnown && !input.isNewAddress) throw guestFaults.addressNotOnGuest(address);
  await lockAddress(ctx, address);
  const holder = await findByAddress(ctx, address);
  if (holder && holder.id !== account.id && holder.kind !== 'contact') throw guestFaults.conflictingObject(holder.kind);

  const isGuest = isFromElsewhere(account);
  const changed = await updateAccount(ctx, account.id, {
    externalUserState: 'PendingAcceptance',
    externalUserStateChangedAt: ctx.now,
    ...(isGuest ? unbound(ctx, account, address, domain, holder?.kind === 'contact') : withAddress(account, address)),
  });
  if (await findGuest(ctx, account.id)) {
    await updateGuest(ctx, account.id, {
      invitedAddress: lower,
      consentedAt: null,
      staleStage: null,
      staleSince: null,
    });
  } else {
    // Somebody who was a guest by name alone becomes one with all that belongs to it.
    if (account.userType === 'Guest') {
      if (account.endsAt === null) await updateAccount(ctx, account.id, { endsAt: stayUntil(ctx, undefined) });
      if ((await readSponsors(ctx, account.id)).length === 0)
        await writeSponsors(ctx, account.id, await chooseSponsors(ctx, undefined));
    }
    await insertGuest(ctx, { accountId: account.id, invitedAddress: lower, invitedBy: actorId(ctx), reason: null });
  }
  // Links sent before led to the old binding.
  await closeInvitations(ctx, account.id, 'Error');
  const issued = await issueInvitation(ctx, {
    account: changed ?? account,
    purpose: isGuest ? 'reset' : 'convert',
    address,
    redirectUrl,
    origin: input.origin,
    isMailed: input.isMailed ?? false,
    message: input.message ?? null,
    language: input.messageLanguage ?? null,
    cc,
  });
  ctx.record({
    action: 'directory.redemption-reset',
    category: 'UserManagement',
    targets: [
      {
        kind: 'account',
        id: account.id,
        displayName: account.displayName,
        changes: [{ name: 'mail', old: account.mail, new: address }],
      },
    ],
    facts: { address, purpose: isGuest ? 'reset' : 'convert' },
  });
  if (isGuest) await announceAccounts(ctx, [account.id]);
  return { ...issued, account: changed ?? account, address, redirectUrl, isNew: false, assigned: [] };
}

/** The guest without the identity it was bound to. Whoever held that one is out from this moment. */
function unbound(ctx: Context, account: Account, address: string, domain: string, isHeldByContact: boolean) {
  const { userPrincipalName: name } = account;
  const others = [account.mail, ...account.otherMails].filter(
    (other): other is string => other !== null && other.toLowerCase() !== address.toLowerCase(),
  );
  return {
    mail: address,
    otherMails: [...new Set(others)],
    proxyAddresses: isHeldByContact ? [] : [`SMTP:${address}`],
    identities: [
      { signInType: 'userPrincipalName', issuer: ctx.tenant.initialDomain, issuerAssignedId: name.toLowerCase() },
    ],
    homeTenantId: null,
    homeAccountId: null,
    homeDomain: domain,
    sessionsValidFrom: ctx.now,
  };
}

function withAddress(account: Account, address: string) {
  const isKnown = [account.mail, ...account.otherMails].some((known) => known?.toLowerCase() === address.toLowerCase());
  return isKnown ? {} : { otherMails: [...account.otherMails, address] };
}

async function demandAcceptable(
  ctx: Context,
  account: Account,
  domain: string,
  vouched: Vouched | undefined,
): Promise<void> {
  const homeTenantId = vouched?.homeTenantId ?? (await findTenantIdByDomain(ctx, domain)) ?? null;
  const answer = await ctx.ask(acceptInvitation, {
    domain,
    homeTenantId,
    accountId: account.id,
    ...asVouched(vouched),
  });
  if (answer.level === 'accept') return;
  const facts = { decisionId: answer.decisionId, because: answer.because };
  const names = answer.because.map((reason) => (reason.kind === 'ceiling' ? reason.name : reason.kind));
  if (names.includes('directory.guest-domain-is-allowed')) {
    throw guestFaults.domainNotAllowed(domain, listInForce(ctx.settings.tenant(externalCollaboration)), facts);
  }
  throw guestFaults.blockedByCrossTenantAccess(facts);
}
