import { listGrants, operatesServer } from '../../access/index.ts';
import type { Context } from '../../kernel/context.ts';
import { kernelFaults } from '../../kernel/fault.ts';
import type { AccountId, GroupId } from '../../kernel/ids.ts';
import {
  AGREED_GUESTS,
  accessFacts,
  agreedToCome,
  bringFacts,
  homeHasLetOut,
  partnerMayComeIn,
} from '../../partners/index.ts';
import { GRANTS, personSubjects } from '../grants.ts';
import { changeGroupQuestion } from '../questions/groups.ts';
import { acceptQuestion, inviteQuestion, type WhoComes } from '../questions/guests.ts';
import { changeAccountQuestion } from '../questions/people.ts';
import { signInQuestion } from '../questions/sign-in.ts';
import { bringQuestion } from '../questions/synchronization.ts';
import { findAccount } from '../store/accounts.ts';
import { findGroup } from '../store/groups.ts';
import { listDirectGroups, listRoleNames } from '../store/memberships.ts';

/**
 * Administrative roles that whoever takes over the account could use: the person's own, those of their groups, and
 * those of groups that they own, since an owner puts in whom they like.
 */
export async function rolesInReachOf(ctx: Context, accountId: string): Promise<string[]> {
  const subjects = personSubjects(accountId);
  const owned = await listGrants(ctx, { kind: GRANTS.owner.kind, subjects });
  const groups = owned.map(({ object }) => ({ kind: 'group', id: object.id }) as const);
  return listRoleNames(ctx, [...subjects, ...groups]);
}

/** Whether another organisation may bring its people here by itself. */
export const bringPeople = bringQuestion((ctx, homeTenantId) => ({
  tenant: ctx.tenant,
  ...bringFacts(ctx, homeTenantId),
  agreement: agreedToCome(ctx, { domain: '', homeTenantId }),
}));

/** Whether somebody may sign in here. */
export const signInHere = signInQuestion((ctx, id) => findAccount(ctx, id as AccountId));

/** What somebody may change of one person. */
export const changeAccount = changeAccountQuestion({ rolesOf: rolesInReachOf, operates: operatesServer });

/** What somebody may change of one group. */
export const changeGroup = changeGroupQuestion(async (ctx, groupId) => {
  const group = await findGroup(ctx, groupId as GroupId);
  if (!group) throw kernelFaults.notFound();
  const isPerson = ctx.actor.kind === 'account';
  return {
    isOwner: isPerson && (await isOwnerOf(ctx, groupId)),
    isMember: isPerson && (await isMemberOf(ctx, groupId)),
    isOpen: group.kind === 'shared' && group.visibility === 'Public',
    isAssignableToRole: group.isAssignableToRole,
  };
});

/** Whether the asking person is directly in a group. */
export async function isMemberOf(ctx: Context, groupId: string): Promise<boolean> {
  if (ctx.actor.kind !== 'account') return false;
  return (await listDirectGroups(ctx, asMembers(ctx.actor.accountId))).includes(groupId);
}

/** Whether the asking person owns a group. */
export async function isOwnerOf(ctx: Context, groupId: string): Promise<boolean> {
  if (ctx.actor.kind !== 'account') return false;
  const subjects = personSubjects(ctx.actor.accountId);
  const object = { kind: GRANTS.owner.objectKind, id: groupId };
  return (await listGrants(ctx, { kind: GRANTS.owner.kind, subjects, object })).length > 0;
}

export const asMembers = (id: AccountId | string) =>
  [
    { kind: 'account', id },
    { kind: 'guest', id },
  ] as const;

/** Who gives a right, as it is written beside it. */
export function giverOf(ctx: Context): string {
  const { actor } = ctx;
  if (actor.kind === 'account') return actor.accountId;
  return actor.kind === 'application' ? actor.applicationId : actor.kind;
}

/** The cross-tenant access policy, and what was agreed. An invitation is for no application in particular: one that is open is enough. */
const crossTenantAccess = {
  facts: (ctx: Context, { domain, homeTenantId, userId, groupIds, homeLetsOut, homeReference }: WhoComes) => ({
    tenant: ctx.tenant,
    agreement: agreedToCome(ctx, { domain, homeTenantId }),
    inbound:
      homeTenantId === null
        ? null
        : accessFacts(ctx, 'b2bCollaborationInbound', {
            partnerId: homeTenantId,
            who: { userId, groupIds },
            which: null,
          }),
    homeTenantId,
    homeLetsOut,
    homeReference,
    mode: 'collaboration' as const,
  }),
  ceilings: [partnerMayComeIn, homeHasLetOut, ...AGREED_GUESTS],
};

/** May somebody invite a person of this domain, and also as a member? */
export const inviteGuest = inviteQuestion(crossTenantAccess);

/** May an invitation to this domain still be accepted? Asked again at redemption (ID-15). */
export const acceptInvitation = acceptQuestion(crossTenantAccess);
