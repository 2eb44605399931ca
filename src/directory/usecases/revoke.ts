import { deleteGrants, type Grant, listGrants } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { directoryFaults } from '../faults.ts';
import { GRANTS } from '../grants.ts';

/** Takes somebody out of a group, for who has decided already (the ledger, the sweep of ended rights). */
export async function revokeMembership(ctx: Context, grant: Grant): Promise<void> {
  await end(ctx, grant, 'directory.member-removed', 'GroupManagement');
}

/** Ends somebody's ownership of a group. */
export async function revokeOwnership(ctx: Context, grant: Grant): Promise<void> {
  await end(ctx, grant, 'directory.owner-removed', 'GroupManagement');
}

/** @throws last-administrator (IS-11): an organisation is never left without one. */
export async function revokeRole(ctx: Context, grant: Grant): Promise<void> {
  if (grant.object.id === 'global-administrator') {
    const holders = await listGrants(ctx, { kind: GRANTS.role.kind, object: grant.object });
    if (holders.every((holder) => holder.id === grant.id)) throw directoryFaults.lastAdministrator();
  }
  await end(ctx, grant, 'directory.role-removed', 'RoleManagement');
}

async function end(ctx: Context, grant: Grant, action: string, category: string): Promise<void> {
  await deleteGrants(ctx, [grant.id]);
  ctx.record({ action, category, targets: [grant.object, grant.subject], facts: { grantId: grant.id } });
  // Sign-in keeps roles in memory; it is told at once.
  await ctx.announce('signin.account-changed', { accountId: grant.subject.id });
}
