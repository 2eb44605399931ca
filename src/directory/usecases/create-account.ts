import type { Context } from '../../kernel/context.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { directoryFaults } from '../faults.ts';
import type { Account, NewAccount } from '../model/account.ts';
import { parseAddress } from '../model/address.ts';
import { manageAccounts } from '../questions/people.ts';
import { insertAccount } from '../store/accounts.ts';

export type CreateAccount = Omit<
  NewAccount,
  | 'creationType'
  | 'externalUserState'
  | 'externalUserStateChangedAt'
  | 'homeTenantId'
  | 'homeAccountId'
  | 'homeDomain'
  | 'homeDisabledAt'
  | 'identities'
  | 'lastSignInAt'
> & { readonly id?: AccountId };

/**
 * Creates somebody who is at home here. Guests come by invitation instead.
 * @throws reserved-character (ID-7), unverified-domain (XC-7), principal-name-taken, address-taken.
 */
export async function createAccount(ctx: Context, input: CreateAccount): Promise<Account> {
  await ctx.demand(manageAccounts, undefined, 'write');
  const name = principalName(ctx, input.userPrincipalName);
  const mail = input.mail ? verifiedAddress(ctx, input.mail) : null;
  const account = await insertAccount(ctx, {
    ...input,
    userPrincipalName: name,
    mail,
    proxyAddresses: proxyAddressesOf(ctx, mail, input.proxyAddresses ?? []),
    identities: [
      { signInType: 'userPrincipalName', issuer: ctx.tenant.initialDomain, issuerAssignedId: name.toLowerCase() },
    ],
  });
  ctx.record({
    action: 'directory.account-created',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName: account.displayName }],
    facts: { userPrincipalName: account.userPrincipalName, userType: account.userType },
  });
  return account;
}

/**
 * Creates the account behind a room or equipment: it has an address, and nobody signs in with it. Asks nobody: for who
 * has decided already. @throws unverified-domain (XC-7), principal-name-taken, address-taken.
 */
export async function createResource(
  ctx: Context,
  { displayName, address }: { displayName: string; address: string },
): Promise<Account> {
  const name = principalName(ctx, address);
  const account = await insertAccount(ctx, {
    displayName,
    userPrincipalName: name,
    mail: name,
    proxyAddresses: proxyAddressesOf(ctx, name, []),
    accountEnabled: false,
    identities: [],
  });
  ctx.record({
    action: 'directory.account-created',
    category: 'UserManagement',
    targets: [{ kind: 'account', id: account.id, displayName }],
    facts: { userPrincipalName: name, userType: account.userType },
  });
  return account;
}

/** A sign-in name fit for an account at home here. */
export function principalName(ctx: Context, text: string): string {
  const { address, domain } = parseAddress(text);
  // Guests' names alone carry it, so that no ordinary name can look like a guest's.
  if (address.includes('#')) throw directoryFaults.reservedCharacter();
  demandVerified(ctx, domain);
  return address;
}

/** A mail address under a domain of this tenant. */
export function verifiedAddress(ctx: Context, text: string): string {
  const { address, domain } = parseAddress(text);
  demandVerified(ctx, domain);
  return address;
}

/** XC-7: a name or address under somebody else's domain is refused. */
function demandVerified(ctx: Context, domain: string): void {
  if (!ctx.tenant.domains.includes(domain) && domain !== ctx.tenant.initialDomain) {
    throw directoryFaults.unverifiedDomain(domain);
  }
}

/** The primary address first, then the others, each under a domain of this tenant. */
export function proxyAddressesOf(ctx: Context, mail: string | null, others: readonly string[]): string[] {
  const rest = others.map((entry) => verifiedAddress(ctx, entry.replace(/^smtp:/i, '')));
  const secondary = rest.filter((address) => address.toLowerCase() !== mail?.toLowerCase());
  return [...(mail ? [`SMTP:${mail}`] : []), ...new Set(secondary.map((address) => `smtp:${address}`))];
}
