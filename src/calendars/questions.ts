import { z } from 'zod';
import { administrative } from '../kernel/administration.ts';
import type { Actor, Context, TenantFacts } from '../kernel/context.ts';
import { type Ceiling, ceiling, type GrantFact, question } from '../kernel/decision.ts';
import { FREE_BUSY_LEVELS, type FreeBusyLevel } from './model/availability.ts';
import type { Owner } from './model/calendar.ts';
import { MAIL_TIPS_LEVELS, type MailTipsLevel } from './model/mail-tips.ts';
import type { PartnerAccess } from './model/partner-access.ts';
import { ROLES, type Role } from './model/roles.ts';
import {
  calendarRoleOf,
  printRule,
  type Recipient,
  ruleFor,
  type SharingPolicy,
  type SharingRefusal,
  sharesContacts,
} from './model/sharing-policy.ts';

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

/** Somebody outside, before the policy of an owner. */
export interface Outside {
  /** Undefined: the owner's is gone, and lets nobody in. */
  readonly policy: SharingPolicy | undefined;
  readonly recipient: Recipient;
}

interface SharedOutside {
  readonly tenant: TenantFacts;
  readonly outside: Outside | undefined;
}

const inPolicy = ({ tenant, outside }: SharedOutside, name: 'enabled' | 'rules', value: unknown) =>
  ({
    tenantId: tenant.id,
    module: 'calendars',
    scope: 'container',
    ...(outside?.policy ? { target: outside.policy.id } : {}),
    name,
    value,
  }) as const;

const ruleOf = ({ outside }: SharedOutside) => outside?.policy && ruleFor(outside.policy.rules, outside.recipient);

const policyLetsShare = ceiling(
  'calendars.sharing-policy-is-enabled',
  'Nothing is shared outside where the sharing policy of the owner is off.',
  ({ outside }: SharedOutside): boolean => outside === undefined || (outside.policy?.isEnabled ?? false),
  {
    setting: (facts) => inPolicy(facts, 'enabled', facts.outside?.policy?.isEnabled ?? null),
    remedy: 'administrator',
  },
);

const policyNamesRecipient = ceiling(
  'calendars.sharing-policy-names-recipient',
  'A calendar is shared outside only with those whom a rule of the sharing policy lets have calendars.',
  (facts: SharedOutside): boolean => facts.outside?.policy === undefined || calendarRoleOf(ruleOf(facts)) !== 'none',
  {
    setting: (facts) => inPolicy(facts, 'rules', facts.outside?.policy?.rules.map(printRule) ?? null),
    remedy: 'administrator',
  },
);

const policyCaps = ceiling(
  'calendars.sharing-policy',
  'Somebody outside sees no more of a calendar than the sharing policy of its owner permits now.',
  (facts: SharedOutside): Role | boolean => {
    const role = calendarRoleOf(ruleOf(facts));
    return facts.outside === undefined || role === 'none' ? true : role;
  },
  {
    setting: (facts) => inPolicy(facts, 'rules', facts.outside?.policy?.rules.map(printRule) ?? null),
    remedy: 'administrator',
  },
);

/** Which rule's refusal is which of the reference product's, the one that says most first. */
export const SHARING_REFUSALS: readonly (readonly [rule: string, refusal: SharingRefusal])[] = [
  [policyLetsShare.name, 'ErrorNotAllowedExternalSharingByPolicy'],
  [policyNamesRecipient.name, 'ErrorUserNotAllowedByPolicy'],
  [policyCaps.name, 'ErrorPermissionNotAllowedByPolicy'],
  ['calendars.outsiders-do-not-write', 'ErrorPermissionNotAllowedByPolicy'],
];

const SHARING_CEILINGS = [policyLetsShare, policyNamesRecipient, policyCaps] as const;

/** What an application in between, or acting for itself, needs for which role. */
const PERMISSIONS: readonly { readonly name: string; readonly own: Role; readonly shared: Role }[] = [
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

const fixed = (tenantId: string, name: string, value?: unknown) =>
  ({ tenantId, module: 'calendars', scope: 'fixed', name, value }) as const;

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

const outsidersDoNotWrite = ceiling(
  'calendars.outsiders-do-not-write',
  'Editing and delegation stay inside the organisation.',
  ({ outside }: SharedOutside): Role | boolean => (outside === undefined ? true : 'read'),
  { setting: ({ tenant }) => fixed(tenant.id, 'outsiders'), remedy: 'nobody' },
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
  });

/** What the questions about sharing one calendar may know of whoever shares it. */
export interface PermissionFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly owner: Owner | undefined;
  readonly isOwn: boolean;
  /** Those that make somebody its owner, and administrators. */
  readonly owning: readonly {
    readonly id: string;
    readonly path: string;
    readonly subject: GrantFact<Role>['subject'];
  }[];
}

const SHARING_SCOPES = ['Calendars.Read', 'Calendars.ReadWrite', 'Calendars.Read.Shared', 'Calendars.ReadWrite.Shared'];

const permissionsTenantIsActive = ceiling(
  'calendars.permissions-tenant-is-active',
  'A suspended organisation can be read and not changed; a deleted one is closed.',
  ({ tenant, actor }: PermissionFacts): PermissionLevel =>
    tenant.state === 'active' || actor.kind === 'system' ? 'write' : tenant.state === 'suspended' ? 'read' : 'none',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

const applicationMayShare = ceiling(
  'calendars.application-may-share',
  'An application acting for somebody does no more than what it was consented to.',
  ({ actor, isOwn }: PermissionFacts): PermissionLevel => {
    if (actor.kind !== 'account' || actor.scopes === 'all') return 'write';
    const held = actor.scopes.filter((scope) => SHARING_SCOPES.includes(scope) && (isOwn || scope.endsWith('.Shared')));
    if (held.some((scope) => scope.startsWith('Calendars.ReadWrite'))) return 'write';
    return held.length > 0 ? 'read' : 'none';
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

export const PERMISSION_LEVELS = ['none', 'read', 'write'] as const;
export type PermissionLevel = (typeof PERMISSION_LEVELS)[number];

/** Whether somebody sees with whom a calendar is shared, and may change it: its owner, and who administers calendars. */
export const calendarPermissionsQuestion = <F extends PermissionFacts>(
  gather: (ctx: Context, calendarId: string) => Promise<F>,
) =>
  question({
    name: 'calendars.calendar.permissions',
    sentence: 'May they see and change with whom this calendar is shared?',
    levels: PERMISSION_LEVELS,
    input: z.object({ calendarId: z.uuid() }),
    facts: (ctx: Context, { calendarId }: { calendarId: string }) => gather(ctx, calendarId),
    ceilings: [permissionsTenantIsActive, applicationMayShare],
    *grants({ owning }): Iterable<GrantFact<PermissionLevel>> {
      for (const one of owning) yield { ...one, level: 'write' };
    },
    grantedBy: 'owner',
  });

/** What the question about sharing with one recipient may know. */
export interface ShareFacts extends PermissionFacts, SharedOutside {
  readonly isDefault: boolean;
  /** Everybody at home, one person at home, a group of ours, somebody outside, or the whole world. */
  readonly sharedWith: 'organisation' | 'person' | 'group' | 'outside' | 'anybody';
}

const ownersAreNotMade = ceiling(
  'calendars.owners-are-not-made',
  'Nobody is made an owner of a calendar by sharing it.',
  (): Role => 'delegateWithPrivateEventAccess',
  { setting: ({ tenant }: ShareFacts) => fixed(tenant.id, 'owner'), remedy: 'nobody' },
);

const delegatesOnPrimaryAlone = ceiling(
  'calendars.delegates-on-primary-alone',
  "A delegate is a person at home, named on somebody's primary calendar.",
  ({ owner, isDefault, sharedWith }: ShareFacts): Role | boolean =>
    (isDefault && owner?.kind === 'account' && sharedWith === 'person') || 'write',
  { setting: ({ tenant }) => fixed(tenant.id, 'delegates'), remedy: 'nobody' },
);

const sharerMayShare = ceiling(
  'calendars.sharer-may-share',
  'Sharing needs an active organisation and an application that was consented to it.',
  (facts: ShareFacts): boolean =>
    permissionsTenantIsActive.permits(facts) === 'write' && applicationMayShare.permits(facts) === 'write',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

interface ShareInput {
  readonly calendarId: string;
  readonly address?: string | undefined;
  readonly isPublic?: boolean | undefined;
}

/** The most that somebody may give a recipient of a calendar: every role up to the answer can be given. */
export const calendarShareQuestion = <F extends ShareFacts>(
  gather: (ctx: Context, calendarId: string, address: string | undefined, isPublic: boolean) => Promise<F>,
) =>
  question({
    name: 'calendars.calendar.share',
    sentence: 'How much of this calendar may they share with this recipient?',
    levels: ROLES,
    // Without an address: everybody at home.
    input: z.object({
      calendarId: z.uuid(),
      address: z.string().max(320).optional(),
      isPublic: z.boolean().optional(),
    }),
    facts: (ctx: Context, { calendarId, address, isPublic }: ShareInput) =>
      gather(ctx, calendarId, address, isPublic ?? false),
    ceilings: [sharerMayShare, ownersAreNotMade, delegatesOnPrimaryAlone, outsidersDoNotWrite, ...SHARING_CEILINGS],
    *grants({ owning }): Iterable<GrantFact<Role>> {
      for (const one of owning) yield { ...one, level: 'owner' };
    },
    grantedBy: 'owner',
  });

/** What the question about a link to a calendar may know. */
export interface LinkFacts extends SharedOutside {
  readonly grants: readonly GrantFact<Role>[];
}

/** How much of a calendar a link shows to whoever opens it. */
export const linkReadQuestion = <F extends LinkFacts>(gather: (ctx: Context, linkId: string) => Promise<F>) =>
  question({
    name: 'calendars.link.read',
    sentence: 'How much of this calendar does its link show?',
    levels: ROLES,
    input: z.object({ linkId: z.uuid() }),
    facts: (ctx: Context, { linkId }: { linkId: string }) => gather(ctx, linkId),
    ceilings: [
      ceiling(
        'calendars.link-tenant-is-active',
        'Nothing is published by an organisation that is suspended or deleted.',
        ({ tenant }: LinkFacts): boolean => tenant.state === 'active',
        { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
      ),
      outsidersDoNotWrite,
      ...SHARING_CEILINGS,
    ],
    grants: ({ grants }) => grants,
    grantedBy: 'owner',
  });

/** What the question about sharing contacts may know. */
export interface ShareContactsFacts extends SharedOutside {
  readonly actor: Actor;
}

/** Whether somebody may share their contacts with a recipient (EX-47): permitted apart from calendars. */
export const contactsShareQuestion = (gather: (ctx: Context, address: string) => Promise<ShareContactsFacts>) =>
  question({
    name: 'calendars.contacts.share',
    sentence: 'May they share their contacts with this recipient?',
    levels: ['none', 'share'] as const,
    input: z.object({ address: z.string().max(320) }),
    facts: (ctx: Context, { address }: { address: string }) => gather(ctx, address),
    ceilings: [
      ceiling(
        'calendars.contacts-tenant-is-active',
        'Contacts are shared while the organisation is active.',
        ({ tenant }: ShareContactsFacts): boolean => tenant.state === 'active',
        { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
      ),
      policyLetsShare,
      ceiling(
        'calendars.sharing-policy-lets-share-contacts',
        'Contacts are shared outside only with those whom a rule of the sharing policy lets have contacts.',
        (facts: ShareContactsFacts): boolean => facts.outside === undefined || sharesContacts(ruleOf(facts)),
        {
          setting: (facts) => inPolicy(facts, 'rules', facts.outside?.policy?.rules.map(printRule) ?? null),
          remedy: 'administrator',
        },
      ),
    ],
    *grants({ actor }): Iterable<GrantFact<'none' | 'share'>> {
      if (actor.kind === 'account' && actor.userType === 'Member')
        yield { id: 'member', level: 'share', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
    },
    grantedBy: 'administrator',
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

/** What the question about somebody's time may know. */
export interface FreeBusyFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  /** Whose time it is; undefined: no mailbox of ours has the address. */
  readonly target: Owner | undefined;
  /** How the asker's organisation stands to ours; undefined: the asker is at home here. */
  readonly partner: PartnerAccess | undefined;
  /** At home by every right on the primary calendar; from elsewhere by what the owner gives everybody alone. */
  readonly grants: readonly GrantFact<FreeBusyLevel>[];
}

const mailboxIsHere = ceiling(
  'calendars.mailbox-is-here',
  'Only a mailbox of this organisation can be looked up.',
  ({ target }: FreeBusyFacts): boolean => target !== undefined,
  { setting: ({ tenant }) => fixed(tenant.id, 'mailbox'), remedy: 'nobody' },
);

const tenantTakesLookups = ceiling(
  'calendars.tenant-takes-lookups',
  'A suspended organisation answers its own people alone, a deleted one nobody.',
  ({ tenant, partner }: Pick<MailTipsFacts, 'tenant' | 'partner'> | FreeBusyFacts): boolean =>
    tenant.state === 'active' || (tenant.state === 'suspended' && partner === undefined),
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

const applicationMayLookUp = ceiling(
  'calendars.application-may-look-up',
  'An application acting for somebody does no more than what it was consented to.',
  ({ actor }: FreeBusyFacts): FreeBusyLevel | boolean => {
    if (actor.kind !== 'account' || actor.scopes === 'all') return true;
    const held = PERMISSIONS.filter(({ name }) => actor.scopes.includes(name)).map(({ name }) => name);
    return held.every((name) => name === 'Calendars.ReadBasic') ? (held.length > 0 ? 'limited' : 'none') : true;
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

const addressOf = (
  { tenant, partner }: { tenant: TenantFacts; partner: PartnerAccess<string> | undefined },
  name: 'enabled' | 'level' | 'scope',
) => ({
  tenantId: tenant.id,
  module: 'calendars',
  ...(partner?.settings[name] ?? { scope: 'fixed' as const, name }),
});

const partnerMayLookIn = ceiling(
  'calendars.partner-may-look-in',
  'Another organisation looks up our people only where a relationship or a capability lets it.',
  ({ partner }: FreeBusyFacts): boolean => partner?.isOpen ?? true,
  { setting: (facts) => addressOf(facts, 'enabled'), remedy: 'administrator' },
);

const relationshipLevel = ceiling(
  'calendars.relationship-level',
  'Another organisation is told no more than the relationship or the capability says.',
  ({ partner }: FreeBusyFacts): FreeBusyLevel | boolean => partner?.level ?? true,
  { setting: (facts) => addressOf(facts, 'level'), remedy: 'administrator' },
);

const scopeGroup = ceiling(
  'calendars.scope-group',
  'Another organisation is told only of the people whom the relationship or the capability reaches.',
  ({ partner }: FreeBusyFacts): boolean => partner?.isInScope ?? true,
  { setting: (facts) => addressOf(facts, 'scope'), remedy: 'administrator' },
);

/**
 * How much of somebody's time is told to whoever asks. `gather` finds out how they stand to it; `licensed` is the
 * ceiling of the plan. What the owner lets everybody see is the grant, so that no relationship tells more than that.
 */
export const freeBusyReadQuestion = <F extends FreeBusyFacts, Input>(
  input: z.ZodType<Input>,
  gather: (ctx: Context, input: Input) => Promise<F>,
  licensed: Ceiling<F, FreeBusyLevel>,
) =>
  question({
    name: 'calendars.free-busy.read',
    sentence: 'How much of this person’s time may they see?',
    levels: FREE_BUSY_LEVELS,
    input,
    facts: gather,
    ceilings: [
      mailboxIsHere,
      tenantTakesLookups,
      applicationMayLookUp,
      licensed,
      partnerMayLookIn,
      relationshipLevel,
      scopeGroup,
    ],
    grants: ({ grants }) => grants,
    grantedBy: 'owner',
  });

export interface LookOutFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  /** The relationship of our own that holds the domain asked about, if there is one. */
  readonly relationship: { readonly id: string; readonly looksUp: boolean } | undefined;
}

const homeMayLookOut = ceiling(
  'calendars.home-may-look-out',
  'Where our own relationship with a partner does not look up times, nobody does.',
  ({ relationship }: LookOutFacts): boolean => relationship?.looksUp ?? true,
  {
    setting: ({ tenant, relationship }) => ({
      tenantId: tenant.id,
      module: 'calendars',
      scope: 'container',
      ...(relationship ? { target: relationship.id } : {}),
      name: 'freeBusyAccessEnabled',
      value: relationship?.looksUp ?? null,
    }),
    remedy: 'administrator',
  },
);

const lookingApplicationIsConsented = ceiling(
  applicationMayLookUp.name,
  applicationMayLookUp.sentence,
  ({ actor }: LookOutFacts): boolean => {
    if (actor.kind !== 'account' || actor.scopes === 'all') return true;
    const { scopes } = actor;
    return PERMISSIONS.some(({ name }) => scopes.includes(name));
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

const lookingTenantIsActive = ceiling(
  'calendars.looking-tenant-is-active',
  'A suspended organisation looks up its own people alone, a deleted one nobody.',
  ({ tenant }: LookOutFacts): 'none' | 'home' | 'partners' =>
    tenant.state === 'active' ? 'partners' : tenant.state === 'suspended' ? 'home' : 'none',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

/** Whether somebody may ask when people are free: at home, or of the organisation behind a domain. */
export const lookOutQuestion = (gather: (ctx: Context, input: { domain?: string | undefined }) => LookOutFacts) =>
  question({
    name: 'calendars.free-busy.look-out',
    sentence: 'May they ask when people of this domain are free?',
    levels: ['none', 'home', 'partners'] as const,
    input: z.object({ domain: z.string().max(253).optional() }),
    facts: gather,
    ceilings: [lookingTenantIsActive, lookingApplicationIsConsented, homeMayLookOut],
    *grants({ actor }): Iterable<GrantFact<'none' | 'home' | 'partners'>> {
      if (actor.kind === 'account') {
        // A guest's own organisation speaks for them elsewhere, not ours.
        const level = actor.userType === 'Member' ? 'partners' : 'home';
        yield { id: 'member', level, path: 'membership', subject: { kind: 'account', id: actor.accountId } };
      } else if (actor.kind === 'application') {
        const subject = { kind: 'application', id: actor.applicationId };
        for (const permission of actor.permissions) {
          if (permission in PROGRAM_PERMISSIONS)
            yield { id: `permission:${permission}`, level: 'partners', path: 'consent', subject };
        }
      } else if (actor.kind === 'system') {
        yield { id: 'system', level: 'partners', path: 'direct', subject: { kind: 'system', id: actor.name } };
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

/** Whether somebody may look up who is in the organisation, as address books and invitations do. */
export const readAddressListQuestion = (gather: (ctx: Context) => Promise<AddressListFacts>) =>
  question({
    name: 'calendars.address-list.read',
    sentence: "May they read the organisation's address list?",
    levels: ADDRESS_LIST_LEVELS,
    facts: gather,
    ceilings: [
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
    ],
    *grants({ actor }): Iterable<GrantFact<(typeof ADDRESS_LIST_LEVELS)[number]>> {
      if (actor.kind === 'account' && actor.userType === 'Member') {
        yield { id: 'member', level: 'read', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
      }
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
/** What the question about one recipient may know. */
export interface MailTipsFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly tipsEnabled: boolean;
  /** Whether it is about this very recipient, which scopes limit, or about writing to them in general. */
  readonly isPersonal: boolean;
  /** Undefined: the sender is at home here. */
  readonly partner: PartnerAccess<MailTipsLevel> | undefined;
}

const tipsAreOn = ceiling(
  'calendars.mail-tips-are-on',
  'An organisation may give no tips on its recipients at all.',
  ({ tipsEnabled }: MailTipsFacts): boolean => tipsEnabled,
  {
    setting: ({ tenant, tipsEnabled }) => ({
      tenantId: tenant.id,
      module: 'calendars',
      scope: 'tenant',
      name: 'allTipsEnabled',
      value: tipsEnabled,
    }),
    remedy: 'administrator',
    flip: () => true,
  },
);

const MAILBOX_PERMISSIONS = ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'];

const applicationMayReadTips = ceiling(
  'calendars.application-may-read-tips',
  'An application acting for somebody does no more than what it was consented to.',
  ({ actor }: MailTipsFacts): boolean => {
    if (actor.kind !== 'account' || actor.scopes === 'all') return true;
    const { scopes } = actor;
    return MAILBOX_PERMISSIONS.some((name) => scopes.includes(name));
  },
  {
    setting: ({ tenant, actor }) => fixed(tenant.id, 'scopes', actor.kind === 'account' ? actor.scopes : null),
    remedy: 'consent',
  },
);

const partnerMayReadTips = ceiling(
  'calendars.partner-may-read-tips',
  'Another organisation is told of our recipients only where a relationship or a capability lets it.',
  ({ partner }: MailTipsFacts): boolean => partner?.isOpen ?? true,
  { setting: (facts) => addressOf(facts, 'enabled'), remedy: 'administrator' },
);

const mailTipsLevel = ceiling(
  'calendars.mail-tips-level',
  'Another organisation is given no more tips than the relationship or the capability says.',
  ({ partner }: MailTipsFacts): MailTipsLevel | boolean => partner?.level ?? true,
  { setting: (facts) => addressOf(facts, 'level'), remedy: 'administrator' },
);

const mailTipsScope = ceiling(
  'calendars.mail-tips-scope',
  'Another organisation is told one by one only of the people whom the relationship or the capability reaches.',
  ({ partner, isPersonal }: MailTipsFacts): boolean => !isPersonal || (partner?.isInScope ?? true),
  { setting: (facts) => addressOf(facts, 'scope'), remedy: 'administrator' },
);

/** How much a sender is told of a recipient before they send. */
export const mailTipsReadQuestion = <Input>(
  input: z.ZodType<Input>,
  gather: (ctx: Context, input: Input) => Promise<MailTipsFacts>,
) =>
  question({
    name: 'calendars.mail-tips.read',
    sentence: 'How much may they be told of this recipient?',
    levels: MAIL_TIPS_LEVELS,
    input,
    facts: gather,
    ceilings: [tipsAreOn, tenantTakesLookups, applicationMayReadTips, partnerMayReadTips, mailTipsLevel, mailTipsScope],
    *grants({ actor }): Iterable<GrantFact<MailTipsLevel>> {
      switch (actor.kind) {
        case 'account': {
          const level = actor.userType === 'Member' ? 'all' : 'limited';
          yield { id: 'member', level, path: 'membership', subject: { kind: 'account', id: actor.accountId } };
          return;
        }
        case 'application':
          for (const permission of actor.permissions.filter((name) => MAILBOX_PERMISSIONS.includes(name))) {
            const subject = { kind: 'application', id: actor.applicationId };
            yield { id: `permission:${permission}`, level: 'all', path: 'consent', subject };
          }
          return;
        case 'visitor':
          // Their organisation's standing with ours is all that counts.
          yield { id: 'visit', level: 'all', path: 'visit', subject: { kind: 'contact', id: actor.address } };
          return;
        case 'system':
          yield { id: 'system', level: 'all', path: 'direct', subject: { kind: 'system', id: actor.name } };
          return;
        case 'operator':
        case 'anonymous':
          return;
      }
    },
    grantedBy: 'administrator',
  });
