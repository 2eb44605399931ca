import { z } from 'zod';
import { type AgreedStanding, agreedLevel, agreementIsInForce } from '../../kernel/agreement.ts';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { ceiling, type GrantFact, question } from '../../kernel/decision.ts';
import type { Owner } from '../model/calendar.ts';
import { ROLES, type Role } from '../model/roles.ts';
import type { CapabilityCap } from '../model/sharing-capability.ts';
import {
  calendarRoleOf,
  printRule,
  type Recipient,
  ruleFor,
  type SharingPolicy,
  type SharingRefusal,
  sharesContacts,
} from '../model/sharing-policy.ts';

/** Somebody outside, before the policy of an owner. */
export interface Outside {
  /** Undefined: the owner's is gone, and lets nobody in. */
  readonly policy: SharingPolicy | undefined;
  readonly recipient: Recipient;
  /** The most that capabilities permit; undefined: they say nothing of sharing with them. */
  readonly capability: CapabilityCap | undefined;
  /** What was agreed with the recipient's organisation; undefined: it is for the whole world. */
  readonly agreement: AgreedStanding | undefined;
}

export interface SharedOutside {
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

const inCapability = ({ tenant, outside }: SharedOutside) =>
  ({
    tenantId: tenant.id,
    module: 'calendars',
    scope: 'partner',
    ...(outside?.recipient.tenantId ? { target: outside.recipient.tenantId } : {}),
    name: outside?.capability?.name ?? 'crossTenantCalendarSharingFreeBusySimple',
    value: outside?.capability?.value ?? null,
  }) as const;

const capabilityOpens = ceiling(
  'calendars.sharing-capability-is-open',
  'Where a capability speaks of sharing, a calendar is shared only by those whom it reaches.',
  ({ outside }: SharedOutside): boolean => outside?.capability?.role !== 'none',
  { setting: inCapability, remedy: 'administrator' },
);

const capabilityCaps = ceiling(
  'calendars.sharing-capability',
  'Somebody outside sees no more of a calendar than the capabilities of their organisation permit now.',
  ({ outside }: SharedOutside): Role | boolean => {
    const role = outside?.capability?.role ?? 'none';
    return role === 'none' ? true : role;
  },
  { setting: inCapability, remedy: 'administrator' },
);

export const outsidersDoNotWrite = ceiling(
  'calendars.outsiders-do-not-write',
  'Editing and delegation stay inside the organisation.',
  ({ outside }: SharedOutside): Role | boolean => (outside === undefined ? true : 'read'),
  { setting: ({ tenant }) => fixed(tenant.id, 'outsiders'), remedy: 'nobody' },
);

/** Which rule's refusal is which of the reference product's, the one that says most first. */
export const SHARING_REFUSALS: readonly (readonly [rule: string, refusal: SharingRefusal])[] = [
  [policyLetsShare.name, 'ErrorNotAllowedExternalSharingByPolicy'],
  [policyNamesRecipient.name, 'ErrorUserNotAllowedByPolicy'],
  ['calendars.sharing-policy-lets-share-contacts', 'ErrorUserNotAllowedByPolicy'],
  [capabilityOpens.name, 'ErrorUserNotAllowedByPolicy'],
  ['partners.agreement-in-force', 'ErrorUserNotAllowedByPolicy'],
  [policyCaps.name, 'ErrorPermissionNotAllowedByPolicy'],
  [capabilityCaps.name, 'ErrorPermissionNotAllowedByPolicy'],
  ['partners.agreed-level', 'ErrorPermissionNotAllowedByPolicy'],
  ['calendars.outsiders-do-not-write', 'ErrorPermissionNotAllowedByPolicy'],
];

const agreedWith = ({ outside }: SharedOutside) => outside?.agreement;
const sharingIsAgreed = agreementIsInForce(agreedWith);

export const SHARING_CEILINGS = [
  policyLetsShare,
  policyNamesRecipient,
  policyCaps,
  capabilityOpens,
  capabilityCaps,
  sharingIsAgreed,
  agreedLevel<SharedOutside, Role>(agreedWith, {
    none: 'none',
    availability: 'freeBusyRead',
    'limited-details': 'limitedRead',
    full: 'read',
  }),
] as const;

export const fixed = (tenantId: string, name: string, value?: unknown) =>
  ({ tenantId, module: 'calendars', scope: 'fixed', name, value }) as const;

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
    owners: ({ owner }) => (owner ? [owner] : []),
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

const policyLetsShareContacts = ceiling(
  'calendars.sharing-policy-lets-share-contacts',
  'Contacts are shared outside only with those whom a rule of the sharing policy lets have contacts.',
  (facts: SharedOutside): boolean => facts.outside === undefined || sharesContacts(ruleOf(facts)),
  {
    setting: (facts) => inPolicy(facts, 'rules', facts.outside?.policy?.rules.map(printRule) ?? null),
    remedy: 'administrator',
  },
);

/** What of somebody's contacts the sharing policy of their owner lets anybody outside have. */
export const CONTACTS_CEILINGS = [policyLetsShare, policyLetsShareContacts, sharingIsAgreed] as const;

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
      ...CONTACTS_CEILINGS,
    ],
    *grants({ actor }): Iterable<GrantFact<'none' | 'share'>> {
      if (actor.kind === 'account' && actor.userType === 'Member')
        yield { id: 'member', level: 'share', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
    },
    grantedBy: 'administrator',
  });

export interface OpenSharedFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  /** What was agreed with the organisation that shares. */
  readonly agreement: AgreedStanding;
}

/** Whether somebody may open what another organisation shares with them: said at home, whatever is said there. */
export const openSharedQuestion = (gather: (ctx: Context, partnerTenantId: string) => Promise<OpenSharedFacts>) =>
  question({
    name: 'calendars.shared.open',
    sentence: 'May they open what this organisation shares with them?',
    levels: ['none', 'open'] as const,
    input: z.object({ partnerTenantId: z.guid() }),
    facts: (ctx: Context, { partnerTenantId }: { partnerTenantId: string }) => gather(ctx, partnerTenantId),
    ceilings: [
      agreementIsInForce(({ agreement }: OpenSharedFacts) => agreement),
      agreedLevel<OpenSharedFacts, never>(({ agreement }) => agreement, {
        none: false,
        availability: true,
        'limited-details': true,
        full: true,
      }),
    ],
    *grants({ actor }): Iterable<GrantFact<'none' | 'open'>> {
      if (actor.kind === 'account' && actor.userType === 'Member')
        yield { id: 'member', level: 'open', path: 'membership', subject: { kind: 'account', id: actor.accountId } };
    },
    grantedBy: 'administrator',
  });
