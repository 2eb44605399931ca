import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { assignLicense, type LicenceChanges, listAssignedLicenses } from '../../tenants/index.ts';
import { licensedMembers } from './domain-references.ts';
import { requireReadableAccount } from './read-accounts.ts';
import { readGroup } from './read-groups.ts';

/** Gives licences to a person and takes them. @throws what tenants' `assignLicense` does. */
export async function assignToAccount(ctx: Context, id: AccountId, changes: LicenceChanges) {
  const { displayName, usageLocation } = await requireReadableAccount(ctx, id);
  return assignLicense(
    ctx,
    { groupMembers: licensedMembers },
    { kind: 'account', id, displayName, usageLocation },
    changes,
  );
}

/** Gives licences to everybody in a group, now and later. */
export async function assignToGroup(ctx: Context, id: GroupId, changes: LicenceChanges) {
  const { displayName } = (await readGroup(ctx, id)).group;
  return assignLicense(ctx, { groupMembers: licensedMembers }, { kind: 'group', id, displayName }, changes);
}

/** The SKUs given to one person themselves. */
export async function readLicences(ctx: Context, id: AccountId) {
  await requireReadableAccount(ctx, id);
  return listAssignedLicenses(ctx, id);
}
