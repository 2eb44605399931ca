import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId } from '../../kernel/ids.ts';
import { announceAccounts } from '../events.ts';
import { directoryFaults } from '../faults.ts';
import { type Account, type AccountChanges, isFromElsewhere } from '../model/account.ts';
import { parseAddress } from '../model/address.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { listWorkingAdministrators, lockMemberships } from '../store/memberships.ts';
import { changeAccount } from './asked.ts';
import { principalName, proxyAddressesOf, verifiedAddress } from './create-account.ts';
import { requireReadableAccount } from './read-accounts.ts';

/** What people change of themselves, and what of that a guest may. */
const OWN_FIELDS = new Set(['mobilePhone', 'businessPhones', 'preferredLanguage', 'officeLocation']);
const PHONE_FIELDS = new Set(['mobilePhone', 'businessPhones']);

/** Fields that no caller writes: they follow from what happens. */
type Written = Omit<
  AccountChanges,
  | 'creationType'
  | 'externalUserState'
  | 'externalUserStateChangedAt'
  | 'homeTenantId'
  | 'homeAccountId'
  | 'homeDomain'
  | 'homeDisabledAt'
  | 'identities'
  | 'lastSignInAt'
  | 'sessionsValidFrom'
>;

/**
 * Changes a person. Disabling ends all their sessions.
 * @throws not-found, access.refused, stale when `version` is another, last-administrator (IS-11), unverified-domain
 *   (XC-7), reserved-character, principal-name-taken, address-taken.
 */
export async function changeAccountFields(
  ctx: Context,
  id: AccountId,
  input: Written,
  options: { version?: number | undefined } = {},
): Promise<Account> {
  await requireReadableAccount(ctx, id);
  const fields = Object.keys(input).filter((name) => input[name as keyof Written] !== undefined);
  const isWithin = (allowed: ReadonlySet<string>) => fields.every((name) => allowed.has(name));
  const wanted = isWithin(PHONE_FIELDS) ? 'phone' : isWithin(OWN_FIELDS) ? 'own' : 'write';
  await ctx.demand(changeAccount, id, wanted);

  if (input.accountEnabled === false) await lockMemberships(ctx);
  const before = await findAccount(ctx, id, { lock: true });
  if (!before) throw kernelFaults.notFound();
  if (options.version !== undefined && options.version !== before.version) throw directoryFaults.stale();

  const changes = checked(ctx, before, input);
  const isDisabled = input.accountEnabled === false && before.accountEnabled;
  if (isDisabled) await keepAnAdministrator(ctx, id);
  const after = (await updateAccount(ctx, id, { ...changes, ...(isDisabled ? { sessionsValidFrom: ctx.now } : {}) }))!;
  await announceAccounts(ctx, [id]);
  ctx.record({
    action: 'directory.account-changed',
    category: 'UserManagement',
    targets: [
      {
        kind: 'account',
        id,
        displayName: after.displayName,
        changes: fields.map((name) => ({
          name,
          old: before[name as keyof Account] ?? null,
          new: after[name as keyof Account] ?? null,
        })),
      },
    ],
    facts: { fields },
  });
  return after;
}

function checked(ctx: Context, before: Account, input: Written): AccountChanges {
  const changes: { -readonly [K in keyof AccountChanges]: AccountChanges[K] } = { ...input };
  if (input.managerId === before.id) throw kernelFaults.invalid('Nobody is their own manager.');
  const isExternal = isFromElsewhere(before);
  if (input.userPrincipalName !== undefined && input.userPrincipalName !== before.userPrincipalName) {
    if (isExternal) throw kernelFaults.invalid('The sign-in name of somebody from elsewhere does not change.');
    const name = principalName(ctx, input.userPrincipalName);
    changes.userPrincipalName = name;
    changes.identities = before.identities.map((identity) =>
      identity.signInType === 'userPrincipalName' ? { ...identity, issuerAssignedId: name.toLowerCase() } : identity,
    );
  }
  if (input.mail !== undefined || input.proxyAddresses !== undefined) {
    const mail = input.mail === undefined ? before.mail : input.mail;
    if (isExternal) {
      // A guest's address lies under another's domain: that is what makes them a guest.
      const address = mail === null ? null : parseAddress(mail).address;
      changes.mail = address;
      if (input.proxyAddresses === undefined) changes.proxyAddresses = address === null ? [] : [`SMTP:${address}`];
    } else {
      changes.mail = mail === null ? null : verifiedAddress(ctx, mail);
      const others = (input.proxyAddresses ?? before.proxyAddresses).filter((entry) => entry.startsWith('smtp:'));
      changes.proxyAddresses = proxyAddressesOf(ctx, changes.mail, others);
    }
  }
  return changes;
}

/** IS-11: somebody who can administer everything must remain. The caller has locked memberships. */
export async function keepAnAdministrator(ctx: Context, leaving: string): Promise<void> {
  const administrators = await listWorkingAdministrators(ctx, 'global-administrator');
  if (administrators.length === 1 && administrators[0] === leaving) throw directoryFaults.lastAdministrator();
}

/** Ends every session and token of a person: on all devices, on every node, at once. */
export async function endSessions(ctx: Context, id: AccountId): Promise<void> {
  const isSelf = ctx.actor.kind === 'account' && ctx.actor.accountId === id;
  await requireReadableAccount(ctx, id);
  await ctx.demand(changeAccount, id, isSelf ? 'phone' : 'sign-in');
  const account = await updateAccount(ctx, id, { sessionsValidFrom: ctx.now });
  if (!account) throw kernelFaults.notFound();
  await announceAccounts(ctx, [id]);
  ctx.record({
    action: 'directory.sessions-ended',
    category: 'UserManagement',
    targets: [{ kind: 'account', id, displayName: account.displayName }],
  });
}
