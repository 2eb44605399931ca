import { z } from 'zod';
import { administrative } from '../../kernel/administration.ts';
import type { Actor, Context } from '../../kernel/context.ts';
import { ceiling, type GrantFact, question } from '../../kernel/decision.ts';
import { GUEST_LEVELS } from '../settings.ts';
import {
  type Facts,
  factsOf,
  fixed,
  holds,
  isConsented,
  operatorMayLookIn,
  setting,
  tenantTakesChanges,
} from './facts.ts';

/** Groups of everybody: what is deleted, restored and removed for good. One group is changed by its owners too. */
export const manageGroups = administrative({
  name: 'directory.groups.manage',
  sentence: 'May they manage all groups?',
  read: ['groups-administrator', 'user-administrator', 'helpdesk-administrator'],
  write: ['groups-administrator', 'user-administrator'],
  permissions: {
    read: ['Group.Read.All', 'Directory.Read.All'],
    write: ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  },
});

export const createGroups = question({
  name: 'directory.groups.create',
  sentence: 'May they create groups?',
  levels: ['none', 'create'] as const,
  facts: factsOf,
  ceilings: [
    tenantTakesChanges,
    operatorMayLookIn('write'),
    ceiling(
      'directory.members-create-groups',
      'People without an administrative role create groups only if the organisation lets them.',
      ({ actor, membersMayCreateGroups }: Facts) => membersMayCreateGroups || administersGroups(actor),
      {
        setting: setting('directory.access', 'membersMayCreateGroups', (facts) => facts.membersMayCreateGroups),
        remedy: 'administrator',
        flip: () => true,
      },
    ),
    ceiling(
      'directory.guests-create-groups',
      'Guests create groups only where they are as members.',
      ({ actor, guestLevel }: Facts) =>
        actor.kind !== 'account' ||
        actor.userType !== 'Guest' ||
        administersGroups(actor) ||
        guestLevel === GUEST_LEVELS.sameAsMember,
      {
        setting: setting('directory.external-collaboration', 'guestUserRoleId', (facts) => facts.guestLevel),
        remedy: 'administrator',
        flip: () => GUEST_LEVELS.sameAsMember,
      },
    ),
    ceiling(
      'directory.application-creates-groups',
      'An application acting for somebody does no more than what it was consented to.',
      ({ actor }: Facts) => isConsented(actor, GROUP_PERMISSIONS),
      { setting: ({ tenant }) => fixed(tenant.id, 'scopes'), remedy: 'consent' },
    ),
  ],
  *grants({ actor, tenant }): Iterable<GrantFact<'none' | 'create'>> {
    if (actor.kind === 'anonymous') return;
    if (actor.kind === 'application' && !actor.permissions.some((held) => GROUP_PERMISSIONS.includes(held))) return;
    yield { id: actor.kind, level: 'create', path: 'direct', subject: { kind: actor.kind, id: tenant.id } };
  },
  grantedBy: 'administrator',
});

const GROUP_PERMISSIONS = ['Group.ReadWrite.All', 'Directory.ReadWrite.All'];
const MEMBER_PERMISSIONS = ['GroupMember.ReadWrite.All', ...GROUP_PERMISSIONS];

function administersGroups(actor: Actor): boolean {
  if (actor.kind === 'account')
    return holds(actor, 'groups-administrator', 'user-administrator', 'global-administrator');
  return actor.kind !== 'anonymous';
}

export const GROUP_LEVELS = ['none', 'leave', 'join', 'members', 'manage'] as const;
export type GroupLevel = (typeof GROUP_LEVELS)[number];

export interface GroupFacts extends Facts {
  readonly groupId: string;
  readonly isOwner: boolean;
  readonly isMember: boolean;
  readonly isOpen: boolean;
  readonly isAssignableToRole: boolean;
}

type GroupStanding = Pick<GroupFacts, 'isOwner' | 'isMember' | 'isOpen' | 'isAssignableToRole'>;

/** What the question about a group knows of whoever asks in this context, given how they stand to it. */
export const groupFacts = (ctx: Context, groupId: string, standing: GroupStanding): GroupFacts => ({
  ...factsOf(ctx),
  groupId,
  ...standing,
});

/**
 * What somebody may change of a group: `leave` it, `join` it, its `members`, or `manage` everything. `gather` tells
 * how the asking person stands to the group.
 */
export const changeGroupQuestion = (standingOf: (ctx: Context, groupId: string) => Promise<GroupStanding>) =>
  question({
    name: 'directory.group.change',
    sentence: 'What may they change of this group?',
    levels: GROUP_LEVELS,
    input: z.guid(),
    facts: async (ctx: Context, groupId: string): Promise<GroupFacts> =>
      groupFacts(ctx, groupId, await standingOf(ctx, groupId)),
    ceilings: [
      tenantTakesChanges,
      operatorMayLookIn('write'),
      ceiling(
        'directory.role-group-is-guarded',
        'A group that can carry an administrative role is changed by its owners and global administrators alone.',
        ({ actor, isAssignableToRole, isOwner }: GroupFacts) =>
          !isAssignableToRole ||
          isOwner ||
          actor.kind === 'operator' ||
          actor.kind === 'system' ||
          (actor.kind === 'application' && actor.permissions.includes('RoleManagement.ReadWrite.Directory')) ||
          holds(actor, 'global-administrator'),
        { setting: ({ tenant }) => fixed(tenant.id, 'isAssignableToRole', true), remedy: 'administrator' },
      ),
      ceiling(
        'directory.application-changes-groups',
        'An application acting for somebody changes no more of groups than what it was consented to.',
        ({ actor }: GroupFacts): GroupLevel | boolean => {
          if (isConsented(actor, GROUP_PERMISSIONS)) return true;
          return isConsented(actor, MEMBER_PERMISSIONS) ? 'members' : false;
        },
        { setting: ({ tenant }) => fixed(tenant.id, 'scopes'), remedy: 'consent' },
      ),
    ],
    *grants({ actor, tenant, isOwner, isMember, isOpen }): Iterable<GrantFact<GroupLevel>> {
      if (actor.kind === 'system' || actor.kind === 'operator') {
        yield { id: actor.kind, level: 'manage', path: 'direct', subject: { kind: actor.kind, id: tenant.id } };
      } else if (actor.kind === 'application') {
        const subject = { kind: 'application', id: actor.applicationId };
        for (const permission of actor.permissions) {
          if (GROUP_PERMISSIONS.includes(permission))
            yield { id: `permission:${permission}`, level: 'manage', path: 'consent', subject };
          else if (MEMBER_PERMISSIONS.includes(permission))
            yield { id: `permission:${permission}`, level: 'members', path: 'consent', subject };
        }
      } else if (actor.kind === 'account') {
        const subject = { kind: 'account', id: actor.accountId };
        if (isMember) yield { id: 'member', level: 'leave', path: 'group', subject };
        if (isOpen && actor.userType === 'Member') yield { id: 'open', level: 'join', path: 'direct', subject };
        if (isOwner) yield { id: 'owner', level: 'manage', path: 'direct', subject };
        if (administersGroups(actor)) yield { id: 'role:groups-administrator', level: 'manage', path: 'role', subject };
      }
    },
    grantedBy: 'owner',
    owners: ({ groupId }) => [{ kind: 'group', id: groupId }],
  });
