import { findAccount, findAddressHolders, findGroup, listAccounts, listMembers } from '../../directory/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import type { ListQuery } from '../../platform/listing.ts';
import { calendarsFaults } from '../faults.ts';
import type { Owner } from '../model/calendar.ts';
import { administerCalendars } from '../questions/calendars.ts';

const PAGE = 500;

export interface Wanted {
  readonly accountIds: readonly string[];
  readonly addresses: readonly string[];
  readonly groupIds: readonly string[];
  /** Over people. */
  readonly filter?: ListQuery['filter'];
}

/** The people at home whom an administrator names, each once. @throws not-found; calendars.recipient-unknown; invalid. */
export async function findOwners(ctx: Context, wanted: Wanted): Promise<Owner[]> {
  await ctx.demand(administerCalendars, undefined, 'write');
  const ids = new Set<string>();
  for (const id of wanted.accountIds) {
    if ((await findAccount(ctx, id as AccountId))?.userType !== 'Member') throw kernelFaults.notFound();
    ids.add(id);
  }
  const holders = await findAddressHolders(ctx, wanted.addresses);
  const byAddress = new Map(holders.map((holder) => [holder.address, holder]));
  for (const address of wanted.addresses) {
    const holder = byAddress.get(address.toLowerCase());
    if (holder?.kind !== 'account') throw calendarsFaults.recipientUnknown(address);
    ids.add(holder.id);
  }
  for (const groupId of wanted.groupIds) {
    if (!(await findGroup(ctx, groupId as GroupId))) throw kernelFaults.notFound();
    for (const { kind, id } of await listMembers(ctx, groupId as GroupId)) if (kind === 'account') ids.add(id);
  }
  if (wanted.filter !== undefined) for (const id of await filtered(ctx, wanted.filter)) ids.add(id);
  return [...ids].map((id) => ({ kind: 'account', id }));
}

async function filtered(ctx: Context, filter: ListQuery['filter']): Promise<string[]> {
  const ids: string[] = [];
  for (let after: ListQuery['after']; ; ) {
    const page = await listAccounts(ctx, { filter, orderBy: [], top: PAGE, count: false, after });
    ids.push(...page.rows.filter(({ userType }) => userType === 'Member').map(({ id }) => id as string));
    if (!page.next) return ids;
    after = page.next;
  }
}
