import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { announceAccounts } from '../events.ts';
import { findAccount, updateAccount } from '../store/accounts.ts';
import { type DomainUse, listDomainUses } from '../store/domain-references.ts';
import { findGroup, updateGroup } from '../store/groups.ts';
import { listMembers } from '../store/memberships.ts';

/** What must be renamed before a domain can go (XC-8). Asks nothing: whoever removes the domain was asked. */
export const domainReferences = (ctx: Context, domain: string): Promise<DomainUse[]> => listDomainUses(ctx, domain);

/**
 * Renames everything under one domain to another of the tenant.
 * @throws principal-name-taken or address-taken when somebody has the new name already; then nothing is renamed.
 */
export async function renameDomainReferences(ctx: Context, from: string, to: string): Promise<void> {
  const renamed = (text: string) => (text.toLowerCase().endsWith(`@${from}`) ? text.slice(0, -from.length) + to : text);
  const people: string[] = [];
  for (const use of await listDomainUses(ctx, from)) {
    if (use.kind === 'account') {
      const account = (await findAccount(ctx, use.id as AccountId, { lock: true }))!;
      const userPrincipalName = renamed(account.userPrincipalName);
      await updateAccount(ctx, account.id, {
        userPrincipalName,
        mail: account.mail === null ? null : renamed(account.mail),
        proxyAddresses: [...new Set(account.proxyAddresses.map(renamed))],
        identities: account.identities.map((identity) =>
          identity.signInType === 'userPrincipalName'
            ? { ...identity, issuerAssignedId: userPrincipalName.toLowerCase() }
            : identity,
        ),
      });
      people.push(account.id);
    } else {
      const group = (await findGroup(ctx, use.id as GroupId, { lock: true }))!;
      await updateGroup(ctx, group.id, {
        mail: group.mail === null ? null : renamed(group.mail),
        proxyAddresses: [...new Set(group.proxyAddresses.map(renamed))],
      });
    }
    ctx.record({
      action: `directory.${use.kind}-renamed`,
      category: use.kind === 'account' ? 'UserManagement' : 'GroupManagement',
      targets: [{ kind: use.kind, id: use.id, displayName: use.displayName }],
      facts: { from, to },
    });
  }
  await announceAccounts(ctx, people);
}

/** The accounts at home here that are in a group, also through others: who needs a licence through it. */
export async function licensedMembers(ctx: Context, groupId: string): Promise<string[]> {
  const members = await listMembers(ctx, groupId, { transitive: true });
  return members.filter(({ kind }) => kind === 'account').map(({ id }) => id);
}
