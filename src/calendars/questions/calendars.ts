import { z } from 'zod';
import { administrative } from '../../kernel/administration.ts';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { type Ceiling, ceiling, type GrantFact, question } from '../../kernel/decision.ts';
import type { Owner } from '../model/calendar.ts';
import { ROLES, type Role } from '../model/roles.ts';

import { fixed, type Outside, outsidersDoNotWrite, SHARING_CEILINGS } from './sharing.ts';

/** What every question about one calendar may know. */
export interface CalendarFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  /** Undefined: there is no such calendar here. */
  readonly owner: Owner | undefined;
  readonly isDefault: boolean;
  readonly isOwn: boolean;
  readonly grants: readonly GrantFact<Role>[];
  /** How the asker stands to what the owner may share outside; undefined: at home here. */
  readonly outside: Outside | undefined;
}

/** What an application in between, or acting for itself, needs for which role. */
export const PERMISSIONS: readonly { readonly name: string; readonly own: Role; readonly shared: Role }[] = [
  { name: 'Calendars.ReadBasic', own: 'limitedRead', shared: 'none' },
  { name: 'Calendars.Read', own: 'read', shared: 'none' },
  { name: 'Calendars.ReadWrite', own: 'owner', shared: 'none' },
  { name: 'Calendars.Read.Shared', own: 'read', shared: 'read' },
  { name: 'Calendars.ReadWrite.Shared', own: 'owner', shared: 'owner' },
];
/** What a program that acts for itself holds of everybody's calendars. */
export const PROGRAM_PERMISSIONS: Readonly<Record<string, Role>> = {
  'Calendars.ReadBasic.All': 'limitedRead',
  'Calendars.Read': 'read',
  'Calendars.ReadWrite': 'owner',
};

const tenantTakesChanges = ceiling(
  'calendars.tenant-takes-changes',
  'The calendars of a suspended organisation can be read and not changed; those of a deleted one are closed.',
  ({ tenant, actor }: CalendarFacts): Role =>
    tenant.state === 'active' || actor.kind === 'system' ? 'owner' : tenant.state === 'suspended' ? 'read' : 'none',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

const applicationIsConsented = ceiling(
  'calendars.application-has-permission',
  'An application acting for somebody does no more than what it was consented to.',
  ({ actor, isOwn }: CalendarFacts): Role | boolean => {
    if (actor.kind !== 'account' || actor.scopes === 'all') return true;
    const { scopes } = actor;
    const reached = PERMISSIONS.filter(({ name }) => scopes.includes(name)).map((one) =>
      ROLES.indexOf(isOwn ? one.own : one.shared),
    );
    return ROLES[Math.max(0, ...reached)]!;
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

/**
 * What somebody may do with one calendar. Whoever gets `none` is told that it does not exist. `gather` reads how they
 * stand to it; `licensed` is the ceiling of the plan.
 */
export const calendarUseQuestion = <F extends CalendarFacts>(
  gather: (ctx: Context, calendarId: string) => Promise<F>,
  licensed: Ceiling<F, Role>,
) =>
  question({
    name: 'calendars.calendar.use',
    sentence: 'What may they do with this calendar?',
    levels: ROLES,
    input: z.object({ calendarId: z.uuid() }),
    facts: (ctx: Context, { calendarId }: { calendarId: string }) => gather(ctx, calendarId),
    ceilings: [tenantTakesChanges, applicationIsConsented, licensed, outsidersDoNotWrite, ...SHARING_CEILINGS],
    grants: ({ grants }) => grants,
    grantedBy: 'owner',
    owners: ({ owner }) => (owner ? [owner] : []),
  });

/** Rooms, equipment, relationships and policies: what an administrator decides about calendars. */
export const administerCalendars = administrative({
  name: 'calendars.administer',
  sentence: 'May they administer how calendars work and with whom they are shared?',
  read: ['security-reader'],
  write: ['exchange-administrator'],
  permissions: { read: ['OrganizationSettings.Read.All'], write: ['OrganizationSettings.ReadWrite.All'] },
});

export interface OwnFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
}

export const OWN_LEVELS = ['none', 'read', 'write'] as const;
export type OwnLevel = (typeof OWN_LEVELS)[number];

const tenantIsActive = ceiling(
  'calendars.tenant-is-active',
  'A suspended organisation can be read and not changed; a deleted one is closed.',
  ({ tenant }: OwnFacts): OwnLevel =>
    tenant.state === 'active' ? 'write' : tenant.state === 'suspended' ? 'read' : 'none',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

const applicationMayReadOwn = ceiling(
  'calendars.application-may-read-own',
  'An application acting for somebody does no more than what it was consented to.',
  ({ actor }: OwnFacts): OwnLevel => {
    if (actor.kind !== 'account' || actor.scopes === 'all') return 'write';
    const held = new Set(actor.scopes);
    if (held.has('Calendars.ReadWrite') || held.has('Calendars.ReadWrite.Shared')) return 'write';
    return PERMISSIONS.some(({ name }) => held.has(name)) ? 'read' : 'none';
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

/** Whether somebody has a mailbox of their own here, and may make calendars in it. */
export const ownCalendarsQuestion = <F extends OwnFacts>(
  gather: (ctx: Context) => Promise<F>,
  licensed: Ceiling<F, OwnLevel>,
) =>
  question({
    name: 'calendars.mailbox.own',
    sentence: 'May they keep calendars of their own here?',
    levels: OWN_LEVELS,
    facts: gather,
    ceilings: [tenantIsActive, applicationMayReadOwn, licensed],
    *grants({ actor }): Iterable<GrantFact<OwnLevel>> {
      // A guest keeps their calendar at home.
      if (actor.kind === 'account' && actor.userType === 'Member') {
        yield { id: 'member', level: 'write', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
      }
    },
    grantedBy: 'administrator',
  });

const applicationMayReadContacts = ceiling(
  'calendars.application-may-read-contacts',
  'An application acting for somebody does no more than what it was consented to.',
  ({ actor }: OwnFacts): OwnLevel => {
    if (actor.kind !== 'account' || actor.scopes === 'all' || actor.scopes.includes('Contacts.ReadWrite'))
      return 'write';
    return actor.scopes.includes('Contacts.Read') ? 'read' : 'none';
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

/** Whether somebody has address books of their own here, and may change them. */
export const ownContactsQuestion = <F extends OwnFacts>(
  gather: (ctx: Context) => Promise<F>,
  licensed: Ceiling<F, OwnLevel>,
) =>
  question({
    name: 'calendars.contacts.own',
    sentence: 'May they keep contacts of their own here?',
    levels: OWN_LEVELS,
    facts: gather,
    ceilings: [tenantIsActive, applicationMayReadContacts, licensed],
    *grants({ actor }): Iterable<GrantFact<OwnLevel>> {
      if (actor.kind === 'account' && actor.userType === 'Member') {
        yield { id: 'member', level: 'write', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
      }
    },
    grantedBy: 'administrator',
  });

export interface AddressListFacts extends OwnFacts {
  /** The directory's setting. */
  readonly membersMayReadOthers: boolean;
}

const ADDRESS_LIST_LEVELS = ['none', 'read'] as const;

const ADDRESS_LIST_CEILINGS = [
  ceiling(
    'calendars.tenant-is-open',
    'The address list of a deleted organisation is closed.',
    ({ tenant }: AddressListFacts) => tenant.state !== 'deleted',
    { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
  ),
  ceiling(
    'calendars.application-may-read-address-list',
    'An application acting for somebody looks people up when it may read contacts or calendars.',
    ({ actor }: AddressListFacts) =>
      actor.kind !== 'account' ||
      actor.scopes === 'all' ||
      actor.scopes.some((scope) => /^(Contacts|Calendars)\.Read/.test(scope)),
    {
      setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
      remedy: 'consent',
    },
  ),
  ceiling(
    'calendars.members-may-read-others',
    'Members look each other up where the organisation lets them.',
    ({ membersMayReadOthers }: AddressListFacts) => membersMayReadOthers,
    {
      setting: ({ tenant, membersMayReadOthers }) => ({
        tenantId: tenant.id,
        module: 'directory.access',
        scope: 'tenant',
        name: 'membersMayReadOthers',
        value: membersMayReadOthers,
      }),
      remedy: 'administrator',
      flip: () => true,
    },
  ),
] as const;

/** Whether somebody may look up who is in the organisation, as address books and invitations do. */
export const readAddressListQuestion = (gather: (ctx: Context) => Promise<AddressListFacts>) =>
  question({
    name: 'calendars.address-list.read',
    sentence: "May they read the organisation's address list?",
    levels: ADDRESS_LIST_LEVELS,
    facts: gather,
    ceilings: ADDRESS_LIST_CEILINGS,
    *grants({ actor }): Iterable<GrantFact<(typeof ADDRESS_LIST_LEVELS)[number]>> {
      if (actor.kind === 'account' && actor.userType === 'Member') {
        yield { id: 'member', level: 'read', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
      }
    },
    grantedBy: 'administrator',
  });

export interface GroupFacts extends AddressListFacts {
  /** Whether only those in the group, and its owners, are told who is in it. */
  readonly isHidden: boolean;
  readonly isInside: boolean;
}

/** Whether somebody who invites a group may know, and so invite, the people in it. */
export const expandGroupQuestion = (gather: (ctx: Context, groupId: string) => Promise<GroupFacts>) =>
  question({
    name: 'calendars.group.expand',
    sentence: 'May they know whom this group brings to a meeting?',
    levels: ADDRESS_LIST_LEVELS,
    input: z.object({ groupId: z.guid() }),
    facts: (ctx: Context, { groupId }: { groupId: string }) => gather(ctx, groupId),
    ceilings: [
      ...ADDRESS_LIST_CEILINGS,
      ceiling(
        'calendars.hidden-members',
        'Of a group with hidden membership only those in it know who is in it.',
        ({ isHidden, isInside }: GroupFacts) => !isHidden || isInside,
        { setting: ({ tenant }) => fixed(tenant.id, 'visibility', 'HiddenMembership'), remedy: 'owner' },
      ),
    ],
    *grants({ actor }): Iterable<GrantFact<(typeof ADDRESS_LIST_LEVELS)[number]>> {
      if (actor.kind === 'account' && actor.userType === 'Member') {
        yield { id: 'member', level: 'read', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
      }
      if (actor.kind === 'application' && actor.permissions.includes('Calendars.ReadWrite')) {
        const subject = { kind: 'application', id: actor.applicationId };
        yield { id: 'permission:Calendars.ReadWrite', level: 'read', path: 'consent', subject };
      }
    },
    grantedBy: 'administrator',
  });

/** The same of contacts that other organisations share with them. */
export const sharedContactsUse = question({
  name: 'calendars.shared-contacts.use',
  sentence: 'May they open contacts that other organisations share with them?',
  levels: OWN_LEVELS,
  facts: (ctx: Context): OwnFacts => ({ actor: ctx.actor, tenant: ctx.tenant }),
  ceilings: [tenantIsActive, applicationMayReadContacts],
  *grants({ actor }): Iterable<GrantFact<OwnLevel>> {
    if (actor.kind === 'account' && actor.userType === 'Member')
      yield { id: 'member', level: 'write', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
  },
  grantedBy: 'administrator',
});

/** Whether somebody may use what other organisations share with them. Needs no transaction: partners are asked after. */
export const sharedCalendarsUse = question({
  name: 'calendars.shared.use',
  sentence: 'May they use calendars that other organisations share with them?',
  levels: OWN_LEVELS,
  facts: (ctx: Context): OwnFacts => ({ actor: ctx.actor, tenant: ctx.tenant }),
  ceilings: [tenantIsActive, applicationMayReadOwn],
  *grants({ actor }): Iterable<GrantFact<OwnLevel>> {
    if (actor.kind === 'account' && actor.userType === 'Member')
      yield { id: 'member', level: 'write', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
  },
  grantedBy: 'administrator',
});
