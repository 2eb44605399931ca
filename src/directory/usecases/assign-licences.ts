import type { Context } from '../../kernel/context.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import { assignLicense, type HeldLicence, type LicenceChanges, listHeldLicences } from '../../tenants/index.ts';
import { subjectOf } from '../model/account.ts';
import { listGroupsAbove } from '../store/memberships.ts';
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

/** The SKUs that serve a person, also through groups. */
export async function readLicences(ctx: Context, id: AccountId): Promise<HeldLicence[]> {
  const account = await requireReadableAccount(ctx, id);
  const subject = subjectOf(account);
  const groupIds = await listGroupsAbove(ctx, [subject]);
  return listHeldLicences(ctx, { accountId: id, isGuest: subject.kind === 'guest', groupIds });
}
