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
  tenantIsOpen,
  tenantTakesChanges,
} from './facts.ts';

/** People and contacts: create, change, disable, delete. */
export const manageAccounts = administrative({
  name: 'directory.accounts.manage',
  sentence: 'May they manage people and contacts?',
  read: ['helpdesk-administrator', 'user-administrator', 'groups-administrator', 'license-administrator'],
  write: ['user-administrator'],
  permissions: {
    read: ['User.Read.All', 'Directory.Read.All'],
    write: ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  },
});

/** Administrative roles and who holds them. */
export const manageRoles = administrative({
  name: 'directory.roles.manage',
  sentence: 'May they see and give administrative roles?',
  read: ['user-administrator', 'helpdesk-administrator', 'security-administrator', 'security-reader', 'auditor'],
  permissions: {
    read: ['RoleManagement.Read.Directory', 'RoleManagement.Read.All', 'Directory.Read.All'],
    write: ['RoleManagement.ReadWrite.Directory'],
  },
});

// ---------------------------------------------------------------------------------------------------------------
// Reading

export const READING_LEVELS = ['none', 'own', 'known', 'enumerate'] as const;
export type ReadingLevel = (typeof READING_LEVELS)[number];
export const READING_AREAS = ['accounts', 'groups', 'contacts'] as const;
export type ReadingArea = (typeof READING_AREAS)[number];

const READING_PERMISSIONS: Record<ReadingArea, { own: readonly string[]; all: readonly string[] }> = {
  accounts: {
    own: ['User.Read', 'User.ReadWrite', 'openid', 'profile'],
    all: ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  },
  groups: {
    own: ['User.Read'],
    all: [
      'Group.Read.All',
      'Group.ReadWrite.All',
      'GroupMember.Read.All',
      'GroupMember.ReadWrite.All',
      'Directory.Read.All',
      'Directory.ReadWrite.All',
    ],
  },
  contacts: { own: [], all: ['OrgContact.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'] },
};

/** An administrative role reads the directory whatever its holder is otherwise. */
const administers = (actor: Actor) => actor.kind === 'account' && actor.roles.length > 0;

/** ID-18, ID-19: the three levels at which a tenant lets guests see its directory. */
export const guestDirectoryLevel = ceiling(
  'directory.guest-level',
  'Guests see as much of the directory as the organisation lets them.',
  ({ actor, guestLevel }: Facts): ReadingLevel | boolean => {
    if (actor.kind !== 'account' || actor.userType !== 'Guest' || administers(actor)) return true;
    if (guestLevel === GUEST_LEVELS.sameAsMember) return true;
    return guestLevel === GUEST_LEVELS.limited ? 'known' : 'own';
  },
  {
    setting: setting('directory.external-collaboration', 'guestUserRoleId', (facts) => facts.guestLevel),
    remedy: 'administrator',
    flip: (_facts, wanted) => (wanted === 'known' ? GUEST_LEVELS.limited : GUEST_LEVELS.sameAsMember),
  },
);

const membersReadOthers = ceiling(
  'directory.members-read-others',
  'People without an administrative role read others only if the organisation lets them.',
  ({ actor, membersMayReadOthers }: Facts): ReadingLevel | boolean =>
    actor.kind !== 'account' || membersMayReadOthers || administers(actor) ? true : 'own',
  {
    setting: setting('directory.access', 'membersMayReadOthers', (facts) => facts.membersMayReadOthers),
    remedy: 'administrator',
    flip: () => true,
  },
);

const applicationReads = ceiling(
  'directory.application-reads',
  'An application acting for somebody reads no more of the directory than what it was consented to.',
  ({ actor, area }: Facts & { area: ReadingArea }): ReadingLevel | boolean => {
    if (isConsented(actor, READING_PERMISSIONS[area].all)) return true;
    return isConsented(actor, READING_PERMISSIONS[area].own) ? 'own' : 'none';
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

/**
 * How far somebody sees into the directory: `own` is their own profile and the ids of their groups; `known` adds a
 * few facts of people, and of groups whose members are not hidden, for those who know the id; `enumerate` lists all.
 */
export const readDirectory = question({
  name: 'directory.read',
  sentence: 'How far may they see into the directory?',
  levels: READING_LEVELS,
  input: z.enum(READING_AREAS),
  facts: (ctx: Context, area: ReadingArea) => ({ ...factsOf(ctx), area }),
  ceilings: [tenantIsOpen, operatorMayLookIn('read'), guestDirectoryLevel, membersReadOthers, applicationReads],
  *grants({ actor, tenant, area }): Iterable<GrantFact<ReadingLevel>> {
    if (actor.kind === 'system' || actor.kind === 'operator') {
      yield { id: actor.kind, level: 'enumerate', path: 'direct', subject: { kind: actor.kind, id: tenant.id } };
    } else if (actor.kind === 'account') {
      const subject = { kind: 'account', id: actor.accountId };
      yield { id: actor.userType.toLowerCase(), level: 'enumerate', path: 'membership', subject };
    } else if (actor.kind === 'application') {
      const permission = actor.permissions.find((held) => READING_PERMISSIONS[area].all.includes(held));
      const subject = { kind: 'application', id: actor.applicationId };
      if (permission) yield { id: `permission:${permission}`, level: 'enumerate', path: 'consent', subject };
    }
  },
  grantedBy: 'administrator',
});

// ---------------------------------------------------------------------------------------------------------------
// Changing one account

export const ACCOUNT_LEVELS = ['none', 'phone', 'own', 'sign-in', 'write'] as const;
export type AccountLevel = (typeof ACCOUNT_LEVELS)[number];

export interface AccountFacts extends Facts {
  readonly accountId: string;
  /** Administrative roles of the person to be changed. */
  readonly targetRoles: readonly string[];
  /** Whether that person keeps this server running, and whether the asker does. */
  readonly targetOperates: boolean;
  readonly askerOperates: boolean;
}

const ACCOUNT_PERMISSIONS = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];

/** Nobody rises by taking over somebody mightier: only a global administrator changes one who holds a role. */
const targetIsNoAdministrator = ceiling(
  'directory.target-is-no-administrator',
  'Only a global administrator changes somebody who holds an administrative role.',
  ({ actor, accountId, targetRoles }: AccountFacts): AccountLevel | boolean => {
    if (targetRoles.length === 0 || actor.kind === 'operator' || actor.kind === 'system') return true;
    if (holds(actor, 'global-administrator')) return true;
    return actor.kind === 'account' && actor.accountId === accountId ? 'own' : false;
  },
  { setting: ({ tenant }) => fixed(tenant.id, 'targetRoles'), remedy: 'administrator' },
);

/** Whoever opens the operator's account has the server and every organisation on it. */
const targetIsNoOperator = ceiling(
  'directory.target-is-no-operator',
  'Only an operator of the server changes the account of one.',
  ({ actor, accountId, targetOperates, askerOperates }: AccountFacts): AccountLevel | boolean => {
    if (!targetOperates || askerOperates || actor.kind === 'operator' || actor.kind === 'system') return true;
    return actor.kind === 'account' && actor.accountId === accountId ? 'own' : false;
  },
  { setting: ({ tenant }) => fixed(tenant.id, 'targetOperates', true), remedy: 'operator' },
);

const guestOwnProfile = ceiling(
  'directory.guest-own-profile',
  'Guests change nothing of themselves here but their telephone number, unless they are as members.',
  ({ actor, guestLevel }: Facts): AccountLevel | boolean =>
    actor.kind !== 'account' ||
    actor.userType !== 'Guest' ||
    administers(actor) ||
    guestLevel === GUEST_LEVELS.sameAsMember
      ? true
      : 'phone',
  {
    setting: setting('directory.external-collaboration', 'guestUserRoleId', (facts) => facts.guestLevel),
    remedy: 'administrator',
    flip: () => GUEST_LEVELS.sameAsMember,
  },
);

const applicationWrites = ceiling(
  'directory.application-writes',
  'An application acting for somebody changes no more of a person than what it was consented to.',
  ({ actor, accountId }: AccountFacts): AccountLevel | boolean => {
    if (isConsented(actor, ACCOUNT_PERMISSIONS)) return true;
    const isSelf = actor.kind === 'account' && actor.accountId === accountId;
    return isSelf && isConsented(actor, ['User.ReadWrite']) ? 'own' : false;
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

/**
 * What somebody may change of one person: `phone` numbers, the `own` profile's harmless fields, `sign-in` (end
 * sessions, reset a password), or everything. `known` reads of the person in question what decides it.
 */
export const changeAccountQuestion = (known: {
  rolesOf(ctx: Context, accountId: string): Promise<readonly string[]>;
  operates(ctx: Context, accountId: string): Promise<boolean>;
}) =>
  question({
    name: 'directory.account.change',
    sentence: 'What may they change of this person?',
    levels: ACCOUNT_LEVELS,
    input: z.guid(),
    facts: async (ctx: Context, accountId: string): Promise<AccountFacts> => ({
      ...factsOf(ctx),
      accountId,
      targetRoles: await known.rolesOf(ctx, accountId),
      targetOperates: await known.operates(ctx, accountId),
      askerOperates: ctx.actor.kind === 'account' && (await known.operates(ctx, ctx.actor.accountId)),
    }),
    ceilings: [
      tenantTakesChanges,
      operatorMayLookIn('write'),
      applicationWrites,
      guestOwnProfile,
      targetIsNoAdministrator,
      targetIsNoOperator,
    ],
    *grants({ actor, tenant, accountId }): Iterable<GrantFact<AccountLevel>> {
      if (actor.kind === 'system' || actor.kind === 'operator') {
        yield { id: actor.kind, level: 'write', path: 'direct', subject: { kind: actor.kind, id: tenant.id } };
      } else if (actor.kind === 'application') {
        const permission = actor.permissions.find((held) => ACCOUNT_PERMISSIONS.includes(held));
        const subject = { kind: 'application', id: actor.applicationId };
        if (permission) yield { id: `permission:${permission}`, level: 'write', path: 'consent', subject };
      } else if (actor.kind === 'account') {
        const subject = { kind: 'account', id: actor.accountId };
        if (actor.accountId === accountId) yield { id: 'self', level: 'own', path: 'direct', subject };
        if (holds(actor, 'helpdesk-administrator', 'security-administrator'))
          yield { id: 'role:helpdesk', level: 'sign-in', path: 'role', subject };
        if (holds(actor, 'user-administrator', 'global-administrator'))
          yield { id: 'role:user-administrator', level: 'write', path: 'role', subject };
      }
    },
    grantedBy: 'administrator',
  });
