import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { manageGroups } from '../questions/groups.ts';
import { manageAccounts } from '../questions/people.ts';
import { findAccount, listAccounts } from '../store/accounts.ts';
import { findGroup, listGroups } from '../store/groups.ts';
import { purgeAccount, restoreAccount } from './delete-account.ts';
import { purgeGroup, restoreGroup } from './groups.ts';
import type { ListQuery } from './read-accounts.ts';
import type { DirectoryObject } from './read-objects.ts';

/** People deleted in the last 30 days. */
export async function readDeletedAccounts(ctx: Context, asked: ListQuery) {
  await ctx.demand(manageAccounts, undefined, 'read');
  return listAccounts(ctx, asked, { deleted: true });
}

/** Groups deleted in the last 30 days. */
export async function readDeletedGroups(ctx: Context, asked: ListQuery) {
  await ctx.demand(manageGroups, undefined, 'read');
  return listGroups(ctx, asked, { deleted: true });
}

/** One deleted person or group. @throws not-found. */
export async function readDeleted(ctx: Context, id: string): Promise<DirectoryObject> {
  await ctx.demand(manageAccounts, undefined, 'read');
  const account = await findAccount(ctx, id as AccountId, { deleted: true });
  if (account) return { kind: 'account', account, view: 'full' };
  const group = await findGroup(ctx, id as GroupId, { deleted: true });
  if (group) return { kind: 'group', group, view: 'full' };
  throw kernelFaults.notFound();
}

/** Brings a deleted person or group back. */
export async function restoreDeleted(ctx: Context, id: string): Promise<DirectoryObject> {
  const found = await readDeleted(ctx, id);
  if (found.kind === 'account')
    return { kind: 'account', account: await restoreAccount(ctx, id as AccountId), view: 'full' };
  return { kind: 'group', group: await restoreGroup(ctx, id as GroupId), view: 'full' };
}

/** Removes a deleted person or group for good. */
export async function purgeDeleted(ctx: Context, id: string): Promise<void> {
  const found = await readDeleted(ctx, id);
  if (found.kind === 'account') await purgeAccount(ctx, id as AccountId);
  else await purgeGroup(ctx, id as GroupId);
}
