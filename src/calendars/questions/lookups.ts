import { z } from 'zod';
import { type AgreedStanding, agreedLevel, agreementIsInForce } from '../../kernel/agreement.ts';
import type { Actor, Context, TenantFacts } from '../../kernel/context.ts';
import { type Ceiling, ceiling, type GrantFact, question } from '../../kernel/decision.ts';
import { FREE_BUSY_LEVELS, type FreeBusyLevel } from '../model/availability.ts';
import type { Owner } from '../model/calendar.ts';
import { MAIL_TIPS_LEVELS, type MailTipsLevel } from '../model/mail-tips.ts';
import type { PartnerAccess } from '../model/partner-access.ts';
import { PERMISSIONS, PROGRAM_PERMISSIONS } from './calendars.ts';
import { fixed } from './sharing.ts';

/** What the question about somebody's time may know. */
export interface FreeBusyFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  /** Whose time it is; undefined: no mailbox of ours has the address. */
  readonly target: Owner | undefined;
  /** How the asker's organisation stands to ours; undefined: the asker is at home here. */
  readonly partner: PartnerAccess | undefined;
  /** What was agreed with the asker's organisation; undefined: the asker is at home here. */
  readonly agreement: AgreedStanding | undefined;
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

/** What each agreed level is among those of the question. */
const FREE_BUSY_OF = { none: 'none', availability: 'busy-only', 'limited-details': 'limited' } as const;

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
      agreementIsInForce(({ agreement }: F) => agreement),
      agreedLevel(({ agreement }: F) => agreement, FREE_BUSY_OF),
    ],
    grants: ({ grants }) => grants,
    grantedBy: 'owner',
    owners: ({ target }) => (target ? [target] : []),
  });

export interface LookOutFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  /** The relationship of our own that holds the domain asked about, if there is one. */
  readonly relationship: { readonly id: string; readonly looksUp: boolean } | undefined;
  /** What was agreed with the organisation behind the domain; undefined: nobody is asked elsewhere. */
  readonly agreement: AgreedStanding | undefined;
}

export const LOOK_OUT_LEVELS = ['none', 'home', 'partner-times', 'partners'] as const;
export type LookOutLevel = (typeof LOOK_OUT_LEVELS)[number];

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
  ({ tenant }: LookOutFacts): LookOutLevel =>
    tenant.state === 'active' ? 'partners' : tenant.state === 'suspended' ? 'home' : 'none',
  { setting: ({ tenant }) => fixed(tenant.id, 'state', tenant.state), remedy: 'operator' },
);

/**
 * Whether somebody may ask when people are free: at home, or of the organisation behind a domain, and of those whether
 * they take subjects and places with the times.
 */
export const lookOutQuestion = (
  gather: (ctx: Context, input: { domain?: string | undefined }) => LookOutFacts | Promise<LookOutFacts>,
) =>
  question({
    name: 'calendars.free-busy.look-out',
    sentence: 'May they ask when people of this domain are free?',
    levels: LOOK_OUT_LEVELS,
    input: z.object({ domain: z.string().max(253).optional() }),
    facts: gather,
    ceilings: [
      lookingTenantIsActive,
      lookingApplicationIsConsented,
      homeMayLookOut,
      agreementIsInForce(({ agreement }: LookOutFacts) => agreement),
      agreedLevel<LookOutFacts, LookOutLevel>(({ agreement }) => agreement, {
        none: 'home',
        availability: 'partner-times',
        'limited-details': 'partners',
      }),
    ],
    *grants({ actor }): Iterable<GrantFact<LookOutLevel>> {
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

/** What the question about one recipient may know. */
export interface MailTipsFacts {
  readonly actor: Actor;
  readonly tenant: TenantFacts;
  readonly tipsEnabled: boolean;
  /** Whether it is about this very recipient, which scopes limit, or about writing to them in general. */
  readonly isPersonal: boolean;
  /** Undefined: the sender is at home here. */
  readonly partner: PartnerAccess<MailTipsLevel> | undefined;
  readonly agreement: AgreedStanding | undefined;
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
    ceilings: [
      tipsAreOn,
      tenantTakesLookups,
      applicationMayReadTips,
      partnerMayReadTips,
      mailTipsLevel,
      mailTipsScope,
      agreementIsInForce(({ agreement }: MailTipsFacts) => agreement),
      agreedLevel<MailTipsFacts, MailTipsLevel>(({ agreement }) => agreement, {
        none: 'none',
        limited: 'limited',
        all: 'all',
      }),
    ],
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

export interface InvitationFacts {
  readonly tenant: TenantFacts;
  readonly actor: Actor;
  readonly agreement: AgreedStanding | undefined;
}

/** May somebody of another organisation bring our people invitations to meetings? Answers, and taking back, always may. */
export const bringInvitationsQuestion = <Input>(
  input: z.ZodType<Input>,
  gather: (ctx: Context, input: Input) => Promise<InvitationFacts>,
) =>
  question({
    name: 'calendars.invitations.bring',
    sentence: 'May they invite this person to meetings from their own organisation?',
    levels: ['none', 'bring'] as const,
    input,
    facts: gather,
    ceilings: [
      agreementIsInForce(({ agreement }: InvitationFacts) => agreement),
      agreedLevel<InvitationFacts, never>(({ agreement }) => agreement, { none: false, invite: true }),
    ],
    *grants({ actor }): Iterable<GrantFact<'none' | 'bring'>> {
      if (actor.kind === 'visitor')
        yield { id: 'visit', level: 'bring', path: 'visit', subject: { kind: 'contact', id: actor.address } };
    },
    grantedBy: 'administrator',
  });
